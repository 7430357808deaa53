"""Pictures as tensors: tf.image, convolutions with known kernels, patches, colours."""

import numpy as np
import tensorflow as tf

tf.random.set_seed(1)
picture = tf.reshape(tf.range(4 * 4 * 3, dtype=tf.float32), (4, 4, 3)) / 48.0
batch = tf.stack([picture, 1.0 - picture])


def random_jitter(image):
    image = tf.image.resize(image, [8, 8], method=tf.image.ResizeMethod.NEAREST_NEIGHBOR)
    image = tf.image.random_crop(image, size=[4, 4, 3])
    image = tf.image.random_flip_left_right(image)
    image = tf.image.random_brightness(image, max_delta=0.1)
    return tf.image.random_contrast(image, 0.8, 1.2)


def normalize(image, label):
    image = tf.cast(image, tf.float32)
    image = (image / 127.5) - 1
    return image, label


def edges(images):
    kernel = tf.constant([[-1.0, 0.0, 1.0]] * 3)[:, :, tf.newaxis, tf.newaxis]
    return tf.nn.conv2d(images, kernel, strides=1, padding="SAME")


gray = tf.image.rgb_to_grayscale(batch)
data = tf.data.Dataset.from_tensor_slices((np.full((4, 2, 2, 3), 255, "uint8"), [0, 1, 2, 3]))
data = data.map(normalize, num_parallel_calls=tf.data.AUTOTUNE).batch(2)
patches = tf.image.extract_patches(
    images=gray, sizes=[1, 2, 2, 1], strides=[1, 2, 2, 1], rates=[1, 1, 1, 1], padding="VALID"
)
small = tf.image.resize(batch, (2, 2))
wide = tf.image.resize(picture, (2, 8), method="bicubic", antialias=True)
kept = tf.image.resize(picture, (2, 8), preserve_aspect_ratio=True)
padded = tf.image.resize_with_pad(picture, 6, 8)

RESULT = {
    "jitter": random_jitter(picture).shape,
    "normalized": [float(tf.reduce_max(x)) for x, _ in data],
    "gray": gray[0, 0, :, 0],
    "edges": edges(gray)[0, 1, :, 0],
    "patches": [patches.shape, patches[0, 0, 0]],
    "small": small[0, ..., 0],
    "shapes": [wide.shape, kept.shape, padded.shape],
    "wide": wide[0, :, 0],
    "flipped": [tf.image.flip_left_right(picture)[0, 0], tf.image.flip_up_down(picture)[0, 0]],
    "turned": tf.image.rot90(picture)[0, 0],
    "cropped": tf.image.central_crop(picture, 0.5).shape,
    "box": tf.image.crop_to_bounding_box(picture, 1, 1, 2, 2)[0, 0],
    "framed": tf.image.pad_to_bounding_box(picture, 1, 1, 6, 6).shape,
    "converted": tf.image.convert_image_dtype(picture, dtype=tf.uint8)[0, 0],
    "back": tf.image.convert_image_dtype(tf.constant([[[255, 0, 51]]], tf.uint8), tf.float32),
    "brighter": tf.image.adjust_brightness(picture, 0.25)[0, 0],
    "contrast": tf.image.adjust_contrast(picture, 2.0)[0, 0],
    "saturated": tf.image.adjust_saturation(picture, 0.5)[0, 0],
    "psnr": tf.image.psnr(picture, picture + 0.1, max_val=1.0),
    "ssim": tf.image.ssim(tf.ones((1, 12, 12, 1)), tf.ones((1, 12, 12, 1)), max_val=1.0),
    "variation": tf.image.total_variation(picture),
    "pooled": tf.nn.max_pool2d(gray, ksize=2, strides=2, padding="VALID")[0, ..., 0],
    "averaged": tf.nn.avg_pool2d(gray, 2, 2, "SAME")[0, ..., 0],
    "hue": tf.image.rgb_to_hsv(tf.constant([[[1.0, 0.0, 0.0]]])),
    "standardized": float(tf.reduce_mean(tf.image.per_image_standardization(picture))) < 1e-5,
}
