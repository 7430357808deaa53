"""`keras.utils`."""

from minitf.lazily import offer

__all__, __getattr__, __dir__ = offer(
    __name__,
    {
        "minitf.data": [
            "Progbar", "PyDataset", "Sequence", "array_to_img", "get_file",
            "image_dataset_from_directory", "img_to_array", "load_img", "normalize",
            "pack_x_y_sample_weight", "pad_sequences", "save_img", "set_random_seed",
            "split_dataset", "text_dataset_from_directory", "timeseries_dataset_from_array",
            "to_categorical", "unpack_x_y_sample_weight",
        ],
        "minitf.keras.backend": ["standardize_dtype"],
        "minitf.settings": [
            "disable_interactive_logging", "enable_interactive_logging",
            "is_interactive_logging_enabled",
        ],
        "minitf.layers.symbolic": ["clear_session", "is_keras_tensor"],
        "minitf.models.plot": ["model_to_dot", "plot_model"],
        "minitf.serialization": [
            "CustomObjectScope", "custom_object_scope", "deserialize_keras_object",
            "get_custom_objects", "get_registered_name", "get_registered_object",
            "register_keras_serializable", "serialize_keras_object",
        ],
    },
)  # fmt: skip
