"""`keras.datasets`: the data sets of the course, found on this machine or fetched."""

from minitf.lazily import offer

__all__, __getattr__, __dir__ = offer(
    __name__,
    {
        "big_text": ["big_text"],
        "boston_housing": ["boston_housing"],
        "california_housing": ["california_housing"],
        "cifar10": ["cifar10"],
        "cifar100": ["cifar100"],
        "deu_eng": ["deu_eng"],
        "digits": ["digits"],
        "fashion_mnist": ["fashion_mnist"],
        "imdb": ["imdb"],
        "iris": ["iris"],
        "mnist": ["mnist"],
        "names": ["names"],
        "persona_chat": ["persona_chat"],
        "reuters": ["reuters"],
        "sentence_polarity": ["sentence_polarity"],
        "tinyshakespeare": ["tinyshakespeare"],
        "word_analogies": ["word_analogies"],
        "wordsim353": ["wordsim353"],
    },
)
