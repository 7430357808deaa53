"""Models: Sequential, functional and subclassed; how they are trained, saved and shown."""

from minitf.lazily import offer

__all__, __getattr__, __dir__ = offer(
    __name__,
    {
        "functional": ["Functional", "Model"],
        "sequential": ["Sequential"],
        "cloning": ["clone_model"],
        "saving": ["load_model", "model_from_json", "save_model"],
    },
)
