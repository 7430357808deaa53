"""Fuse: placeholder pass."""

from minitf.runtime.program import Program


def fuse(program: Program) -> Program:
    return program
