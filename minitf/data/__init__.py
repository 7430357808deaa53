"""`tf.data`: input pipelines; the data sets of the course, found or fetched; texts as numbers.

The modules are imported when somebody first asks for one of their names: ``import minitf`` is not
to wait for what many programs never use.
"""

from typing import TYPE_CHECKING

from minitf.lazily import offer

if TYPE_CHECKING:
    from minitf.data import experimental, gfile
    from minitf.data.arrays import (
        normalize,
        pack_x_y_sample_weight,
        set_random_seed,
        split_dataset,
        to_categorical,
        unpack_x_y_sample_weight,
    )
    from minitf.data.augmentation import ImageDataGenerator
    from minitf.data.dataset import Dataset, Options, TextLineDataset
    from minitf.data.directories import image_dataset_from_directory, text_dataset_from_directory
    from minitf.data.element import DatasetSpec
    from minitf.data.fetching import get_file
    from minitf.data.files import DataFile, cache_directory, fetch, find
    from minitf.data.idx import read_idx
    from minitf.data.images import (
        load_cifar10,
        load_cifar100,
        load_digits,
        load_fashion_mnist,
        load_mnist,
    )
    from minitf.data.pictures import array_to_img, img_to_array, load_img, save_img, smart_resize
    from minitf.data.pipeline import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Iterator
    from minitf.data.progress import Progbar
    from minitf.data.py_dataset import PyDataset, Sequence
    from minitf.data.reading import (
        decode_bmp,
        decode_gif,
        decode_image,
        decode_jpeg,
        decode_png,
        encode_jpeg,
        encode_png,
        read_file,
        write_file,
    )
    from minitf.data.reviews import (
        imdb_word_index,
        load_imdb,
        load_reuters,
        reuters_label_names,
        reuters_word_index,
    )
    from minitf.data.sequences import make_sampling_table, pad_sequences, skipgrams
    from minitf.data.tables import load_boston_housing, load_california_housing, load_iris
    from minitf.data.texts import (
        Dialog,
        load_big_text,
        load_deu_eng,
        load_names,
        load_persona_chat,
        load_sentence_polarity,
        load_tinyshakespeare,
        load_word_analogies,
        load_wordsim353,
    )
    from minitf.data.tfrecord import TFRecordDataset
    from minitf.data.timeseries import TimeseriesGenerator, timeseries_dataset_from_array
    from minitf.data.tokenizers import (
        BytePairTokenizer,
        CharacterTokenizer,
        TextTokenizer,
        WordTokenizer,
        load_tokenizer,
    )
    from minitf.data.tokenizers_keras import (
        Tokenizer,
        hashing_trick,
        one_hot,
        text_to_word_sequence,
        tokenizer_from_json,
    )

_PLACES = {
    # input pipelines
    "dataset": ["Dataset", "Options", "TextLineDataset"],
    "element": ["DatasetSpec"],
    "experimental": ["experimental"],
    "pipeline": ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Iterator"],
    "tfrecord": ["TFRecordDataset"],
    # data sets
    "images": ["load_cifar10", "load_cifar100", "load_digits", "load_fashion_mnist", "load_mnist"],
    "idx": ["read_idx"],
    "reviews": ["imdb_word_index", "load_imdb", "load_reuters", "reuters_label_names",
                "reuters_word_index"],
    "tables": ["load_boston_housing", "load_california_housing", "load_iris"],
    "texts": ["Dialog", "load_big_text", "load_deu_eng", "load_names", "load_persona_chat",
              "load_sentence_polarity", "load_tinyshakespeare", "load_word_analogies",
              "load_wordsim353"],
    # files
    "directories": ["image_dataset_from_directory", "text_dataset_from_directory"],
    "fetching": ["get_file"],
    "gfile": ["gfile"],
    "files": ["DataFile", "cache_directory", "fetch", "find"],
    "augmentation": ["ImageDataGenerator"],
    "pictures": ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"],
    "progress": ["Progbar"],
    "reading": ["decode_bmp", "decode_gif", "decode_image", "decode_jpeg", "decode_png",
                "encode_jpeg", "encode_png", "read_file", "write_file"],
    # arrays
    "arrays": ["normalize", "pack_x_y_sample_weight", "set_random_seed", "split_dataset",
               "to_categorical", "unpack_x_y_sample_weight"],
    "py_dataset": ["PyDataset", "Sequence"],
    "sequences": ["make_sampling_table", "pad_sequences", "skipgrams"],
    "timeseries": ["TimeseriesGenerator", "timeseries_dataset_from_array"],
    # texts as numbers
    "tokenizers": ["BytePairTokenizer", "CharacterTokenizer", "TextTokenizer", "WordTokenizer",
                   "load_tokenizer"],
    "tokenizers_keras": ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence",
                         "tokenizer_from_json"],
}  # fmt: skip

__all__, __getattr__, __dir__ = offer(__name__, _PLACES)
