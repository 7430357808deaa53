"""`tf.strings`: tensors of text."""

from minitf.composite.words import bytes_split, split, unicode_decode, unicode_split
from minitf.ops.spelling import as_string, to_hash_bucket_fast, to_hash_bucket_strong, to_number
from minitf.ops.spelling import format_ as format
from minitf.ops.splitting import ngrams, unicode_encode
from minitf.ops.strings import (
    join,
    length,
    lower,
    reduce_join,
    regex_full_match,
    regex_replace,
    strip,
    substr,
    upper,
)

__all__ = [
    "as_string",
    "bytes_split",
    "format",
    "join",
    "length",
    "lower",
    "ngrams",
    "reduce_join",
    "regex_full_match",
    "regex_replace",
    "split",
    "strip",
    "substr",
    "to_hash_bucket_fast",
    "to_hash_bucket_strong",
    "to_number",
    "unicode_decode",
    "unicode_encode",
    "unicode_split",
    "upper",
]
