"""`keras.tokenizers`: characters, words and byte pairs as numbers (not in Keras itself)."""

from minitf.data import (
    BytePairTokenizer,
    CharacterTokenizer,
    TextTokenizer,
    WordTokenizer,
    load_tokenizer,
)

__all__ = [
    "BytePairTokenizer",
    "CharacterTokenizer",
    "TextTokenizer",
    "WordTokenizer",
    "load_tokenizer",
]
