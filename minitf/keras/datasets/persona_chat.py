"""`keras.datasets.persona_chat`: dialogs of people with profiles."""

from minitf.data import load_persona_chat as load_data

__all__ = ["load_data"]
