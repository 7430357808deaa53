"""A picture is changed until its features fit: Gram matrices, an optimizer on the picture."""

import tensorflow as tf

tf.random.set_seed(5)
base = tf.keras.Sequential(
    [
        tf.keras.Input((None, None, 3)),
        tf.keras.layers.Conv2D(4, 3, activation="relu", padding="same", name="block1"),
        tf.keras.layers.AveragePooling2D(2, name="pool1"),
        tf.keras.layers.Conv2D(6, 3, activation="relu", padding="same", name="block2"),
    ]
)
content_image = tf.random.uniform((1, 8, 8, 3))
style_image = tf.random.uniform((1, 12, 10, 3))


def gram_matrix(input_tensor):
    result = tf.linalg.einsum("bijc,bijd->bcd", input_tensor, input_tensor)
    input_shape = tf.shape(input_tensor)
    num_locations = tf.cast(input_shape[1] * input_shape[2], tf.float32)
    return result / num_locations


def vgg_layers(layer_names):
    outputs = [base.get_layer(name).output for name in layer_names]
    model = tf.keras.Model(base.inputs, outputs)
    model.trainable = False
    return model


class StyleContentModel(tf.keras.models.Model):
    def __init__(self, style_layers, content_layers):
        super().__init__()
        self.vgg = vgg_layers(style_layers + content_layers)
        self.style_layers = style_layers
        self.content_layers = content_layers
        self.num_style_layers = len(style_layers)
        self.vgg.trainable = False

    def call(self, inputs):
        outputs = self.vgg(inputs * 2.0 - 1.0)
        style_outputs = outputs[: self.num_style_layers]
        content_outputs = outputs[self.num_style_layers :]
        style_outputs = [gram_matrix(style_output) for style_output in style_outputs]
        content_dict = dict(zip(self.content_layers, content_outputs))
        style_dict = dict(zip(self.style_layers, style_outputs))
        return {"content": content_dict, "style": style_dict}


extractor = StyleContentModel(["block1", "block2"], ["block2"])
style_targets = extractor(style_image)["style"]
content_targets = extractor(content_image)["content"]
image = tf.Variable(content_image)
opt = tf.keras.optimizers.Adam(learning_rate=0.02, beta_1=0.99, epsilon=1e-1)


def clip_0_1(image):
    return tf.clip_by_value(image, clip_value_min=0.0, clip_value_max=1.0)


def style_content_loss(outputs):
    style_outputs, content_outputs = outputs["style"], outputs["content"]
    style_loss = tf.add_n(
        [tf.reduce_mean((style_outputs[name] - style_targets[name]) ** 2) for name in style_outputs]
    )
    content_loss = tf.add_n(
        [
            tf.reduce_mean((content_outputs[name] - content_targets[name]) ** 2)
            for name in content_outputs
        ]
    )
    return 10.0 * style_loss / 2 + content_loss


@tf.function()
def train_step(image):
    with tf.GradientTape() as tape:
        outputs = extractor(image)
        loss = style_content_loss(outputs)
        loss += 1e-3 * tf.image.total_variation(image)[0]
    grad = tape.gradient(loss, image)
    opt.apply_gradients([(grad, image)])
    image.assign(clip_0_1(image))
    return loss


losses = [float(train_step(image)) for _ in range(15)]
results = extractor(tf.constant(content_image))

RESULT = {
    "fell": losses[-1] < losses[0],
    "styles": {name: t.shape for name, t in sorted(results["style"].items())},
    "contents": sorted(results["content"]),
    "gram": gram_matrix(tf.ones((1, 2, 2, 2))),
    "range": [float(tf.reduce_min(image)) >= 0, float(tf.reduce_max(image)) <= 1],
    "trainable": len(extractor.trainable_variables),
    "tensor": tf.cast(image[0] * 255, tf.uint8).shape,
}
