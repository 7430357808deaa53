"""`keras`: the classes of minitf under their Keras names.

``from minitf import keras`` takes the place of ``import keras``, and ``minitf.keras`` that of
``tensorflow.keras``. Nothing is defined here; `minitf.layers`, `minitf.models` and the others are
where to read.
"""

from minitf.lazily import offer

__version__ = "3.15.0a1"

_MODULES = ("activations", "backend", "callbacks", "config", "constraints", "datasets",
            "dtype_policies", "initializers", "layers", "losses", "metrics", "mixed_precision",
            "models", "ops", "optimizers", "preprocessing", "random", "regularizers", "saving",
            "tokenizers", "tree", "utils")  # fmt: skip

__all__, __getattr__, __dir__ = offer(
    __name__,
    {
        **{name: [name] for name in _MODULES},
        "minitf.models": ["Functional", "Model", "Sequential"],
        "minitf.layers": ["DTypePolicy", "Input", "InputSpec", "Layer"],
        "minitf.layers.symbolic": ["KerasTensor"],
        "minitf.graph.context": ["name_scope"],
        "minitf.graph.device": ["device"],
        "minitf.losses": ["Loss"],
        "minitf.metrics": ["Metric"],
        "minitf.optimizers": ["Optimizer"],
        "minitf.initializers": ["Initializer"],
        "minitf.regularizers": ["Regularizer"],
        "minitf.weight": ["Variable"],
        "minitf.graph.tensor": ["Tensor"],
        "minitf.settings": ["epsilon", "floatx", "set_floatx"],
    },
)
