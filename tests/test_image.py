"""Images: what the comparison with TensorFlow (tests/reference) does not cover.

Derivatives, unknown sizes, random changes, and messages for wrong arguments.
"""

import re

import numpy as np
import pytest

import minitf as tf
from minitf.errors import DTypeError, Error, InvalidArgumentError, OutOfRangeError, ShapeError

image = tf.image


def photo(*shape, seed=0):
    rng = np.random.default_rng([seed, *shape])
    return tf.constant(rng.uniform(0.1, 0.9, shape).astype(np.float32))


def some_bytes(*shape):
    return tf.constant(np.random.default_rng(0).integers(0, 256, shape), tf.uint8)


# -- resizing -------------------------------------------------------------------------------------

METHODS = [m for n, m in vars(image.ResizeMethod).items() if n.isupper()]


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(3, 9), (1, 1), (12, 2)])
def test_a_flat_image_stays_flat(size, method, antialias):
    resized = image.resize(tf.fill([1, 5, 4, 2], 0.3), size, method, antialias=antialias)
    assert resized.shape == (1, *size, 2)
    np.testing.assert_allclose(resized, 0.3, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_size_gives_the_same_image(method):
    x = photo(5, 4, 2)
    exact = method not in ("gaussian", "mitchellcubic")  # which smooth everything
    np.testing.assert_allclose(image.resize(x, (5, 4), method), x, atol=1e-6 if exact else 0.5)


def test_area_is_the_mean_over_blocks():
    x = photo(2, 6, 4, 3)
    blocks = np.asarray(x).reshape(2, 3, 2, 2, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(image.resize(x, (3, 2), "area"), blocks, rtol=1e-6)


def test_bilinear_is_two_small_matrices():
    x = photo(3, 2, 1)
    a = np.array([[1, 0, 0], [0.375, 0.625, 0], [0, 0.625, 0.375], [0, 0, 1]])
    b = np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])
    expected = a @ np.asarray(x)[:, :, 0] @ b.T
    np.testing.assert_allclose(image.resize(x, (4, 4))[:, :, 0], expected, rtol=1e-6)


@pytest.mark.parametrize(("method", "antialias"), [(m, a) for m in METHODS for a in (False, True)])
def test_derivatives_of_resize(method, antialias):
    x = photo(2, 4, 5, 1)
    weight = photo(2, 3, 7, 1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(image.resize(x, (3, 7), method, antialias=antialias) * weight)
    found = tape.gradient(y, x)
    step = photo(2, 4, 5, 1, seed=1)  # the function is linear: a large step is exact
    moved = tf.reduce_sum(image.resize(x + step, (3, 7), method, antialias=antialias) * weight)
    np.testing.assert_allclose(tf.reduce_sum(found * step), moved - y, rtol=1e-4, atol=1e-5)


def test_sizes_that_a_graph_computes():
    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3)), tf.TensorSpec(2, tf.int32)])
    def half(x, size):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = image.resize(x, size)
            total = tf.reduce_sum(y * y)
        small = image.resize(x, tf.shape(x)[1:3] // 2, "nearest")
        kept = image.resize(x, size, preserve_aspect_ratio=True)
        return y, tape.gradient(total, x), small, kept

    x = photo(2, 6, 4, 3)
    y, gradient, small, kept = half(x, tf.constant([5, 5]))
    np.testing.assert_allclose(y, image.resize(x, [5, 5]), rtol=1e-6)
    assert gradient.shape == x.shape
    assert small.shape == (2, 3, 2, 3)
    assert kept.shape == (2, 5, 3, 3)


def test_the_type_of_resized_images():
    x = some_bytes(4, 4, 1)
    assert image.resize(x, (2, 2)).dtype is tf.float32
    assert image.resize(x, (2, 2), "nearest").dtype is tf.uint8
    assert image.resize(tf.cast(x, tf.float64), (2, 2)).dtype is tf.float32


@pytest.mark.parametrize(
    ("call", "error", "complaint"),
    [
        (lambda: image.resize(photo(4, 4), (2, 2)), ShapeError, "(height, width, channels)"),
        (
            lambda: image.resize(photo(4, 4, 1), 3),
            ShapeError,
            "size must be (height, width), got 3",
        ),
        (lambda: image.resize(photo(4, 4, 1), (0, 2)), InvalidArgumentError, "> 0, got (0, 2)"),
        (lambda: image.resize(photo(0, 4, 1), (2, 2)), ShapeError, "must have pixels"),
        (lambda: image.resize(photo(4, 4, 1), (2, 2), "cubic"), InvalidArgumentError, "'cubic'"),
        (lambda: image.resize_with_pad(photo(4, 4, 1), 0, 2), ShapeError, "must be positive"),
        (lambda: image.flip_left_right(photo(4, 4)), ShapeError, "got shape (4, 4)"),
        (lambda: image.rot90(photo(4)), ShapeError, "got shape (4,)"),
        (lambda: image.central_crop(photo(4, 4, 1), 0.0), InvalidArgumentError, "in (0, 1], got 0"),
        (
            lambda: image.crop_to_bounding_box(photo(4, 4, 1), 2, 0, 3, 1),
            OutOfRangeError,
            "crop_to_bounding_box: slice",
        ),
        (
            lambda: image.crop_to_bounding_box(photo(4, 4, 1), 2, -1, 1, 1),
            InvalidArgumentError,
            "offset_width must be >= 0, got -1",
        ),
        (
            lambda: image.pad_to_bounding_box(photo(4, 4, 1), 2, 0, 5, 4),
            InvalidArgumentError,
            "rows_below must be >= 0, got -1",
        ),
        (
            lambda: image.resize_with_crop_or_pad(photo(4, 4, 1), 0, 4),
            InvalidArgumentError,
            "target_height must be >= 1, got 0",
        ),
        (lambda: image.convert_image_dtype([True], tf.uint8), DTypeError, "not bool"),
        (lambda: image.rgb_to_grayscale(photo(4, 4, 1)), ShapeError, "expected 3 channel(s)"),
        (lambda: image.adjust_hue(photo(4, 4, 3), 1.5), InvalidArgumentError, "in [-1, 1]"),
        (lambda: image.adjust_gamma(photo(4, 4, 3), -1), InvalidArgumentError, "must be >= 0"),
        (lambda: image.random_hue(photo(4, 4, 3), 0.6), InvalidArgumentError, "in [0, 0.5]"),
        (
            lambda: image.random_contrast(photo(4, 4, 3), 2, 1),
            InvalidArgumentError,
            "lower < upper",
        ),
        (lambda: image.random_crop(photo(4, 4, 3), (5, 4, 3)), ShapeError, "does not fit"),
        (lambda: image.random_crop(photo(4, 4, 3), (2, 2)), ShapeError, "must have 3 numbers"),
        (lambda: image.psnr(photo(4, 4, 3), photo(3, 4, 3), 1.0), ShapeError, "differ in size"),
        (lambda: image.ssim(photo(9, 9, 1), photo(9, 9, 1), 1.0), ShapeError, "at least 11 x 11"),
        (lambda: image.total_variation(photo(9)), ShapeError, "got shape (9,)"),
        (lambda: image.sobel_edges(photo(9, 9, 1)), ShapeError, "got shape (9, 9, 1)"),
    ],
)
def test_wrong_arguments(call, error, complaint):
    with pytest.raises(error, match=re.escape(complaint)) as caught:
        call()
    assert "[in test_image.py:" in str(caught.value)
    assert isinstance(caught.value, (Error, ValueError))


# Of (0.1, 0.7, 0.3) and (0.9, 0.2, 0.5), by TensorFlow 2.21.
BROADCAST = {
    "rgb_to_yuv": [[0.475, -0.0861194, -0.3289811], [0.4435, 0.0278043, 0.4004797]],
    "yuv_to_rgb": [[0.4419649, -0.3504362, 1.5224433], [1.4699415, 0.5307606, 1.3064123]],
    "rgb_to_yiq": [[0.475, -0.2290028, -0.2514055], [0.4435, 0.3207272, 0.2414025]],
    "yiq_to_rgb": [[0.9554379, -0.2845702, -0.1634489], [1.4016096, 0.5219953, 1.5307672]],
}


@pytest.mark.parametrize("name", BROADCAST)
def test_colours_as_television_sends_them(name):
    function, x = getattr(image, name), np.array([[0.1, 0.7, 0.3], [0.9, 0.2, 0.5]])
    np.testing.assert_allclose(function(x), BROADCAST[name], atol=1e-6)
    np.testing.assert_allclose(function(x.astype("float32")[0]), BROADCAST[name][0], atol=1e-6)
    batch = np.broadcast_to(x[:, None, None], (2, 3, 2, 3))
    np.testing.assert_allclose(function(batch)[1, 2, 0], BROADCAST[name][1], atol=1e-6)
    with pytest.raises(DTypeError, match="convert_image_dtype"):
        function(np.zeros((2, 2, 3), "uint8"))
    with pytest.raises(ShapeError, match="3 channels"):
        function(np.zeros((2, 2, 1)))


# -- unknown sizes --------------------------------------------------------------------------------

UNKNOWN = {
    "central_crop": lambda x: image.central_crop(x, 0.5),
    "flip": lambda x: image.flip_up_down(image.flip_left_right(x)),
    "crop_or_pad": lambda x: image.resize_with_crop_or_pad(x, 5, 3),
    "pad": lambda x: image.pad_to_bounding_box(x, 1, 2, 9, 9),
    "crop": lambda x: image.crop_to_bounding_box(x, 1, 1, tf.shape(x)[1] - 2, 2),
    "standardize": image.per_image_standardization,
    "gray": lambda x: image.grayscale_to_rgb(image.rgb_to_grayscale(x)),
    "contrast": lambda x: image.adjust_contrast(x, 0.5),
    "hue": lambda x: image.adjust_hue(x, 0.1),
    "variation": image.total_variation,
    "gradients": lambda x: image.image_gradients(x)[0],
    "sobel": image.sobel_edges,
    "rotation": image.rot90,
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_images_of_sizes_that_are_not_known_yet(name):
    x = photo(2, 6, 4, 3)
    traced = tf.function(UNKNOWN[name], input_signature=[tf.TensorSpec((None, None, None, 3))])
    np.testing.assert_allclose(traced(x), UNKNOWN[name](x), rtol=1e-5, atol=1e-6)


def test_a_rotation_that_a_graph_computes():
    x = tf.reshape(tf.range(8), [2, 2, 2])
    turn = tf.function(image.rot90)
    for k in range(-1, 6):
        assert np.array_equal(turn(x, tf.constant(k)), np.rot90(np.asarray(x), k))
        assert np.array_equal(image.rot90(x, tf.constant(k)), np.rot90(np.asarray(x), k))


# -- colours --------------------------------------------------------------------------------------


def test_hue_saturation_value_and_back():
    x = photo(3, 4, 3)
    np.testing.assert_allclose(image.hsv_to_rgb(image.rgb_to_hsv(x)), x, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(image.adjust_hue(x, 1.0), x, rtol=1e-4, atol=1e-5)
    grey = image.adjust_saturation(x, 0.0)
    np.testing.assert_allclose(grey, np.repeat(np.max(x, -1, keepdims=True), 3, -1), rtol=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: image.adjust_saturation(x, 0.7),
        lambda x: image.adjust_hue(x, 0.1),
        lambda x: image.adjust_gamma(x, 1.5),
        lambda x: image.adjust_contrast(x, 1.5),
        image.rgb_to_grayscale,
        image.rgb_to_yuv,
        image.per_image_standardization,
        lambda x: image.psnr(x, x * 0.5 + 0.2, 1.0),
    ],
)
def test_derivatives_of_adjustments(function):
    x = photo(2, 2, 3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.square(function(x)))
    found = tape.gradient(y, x)
    step = 2e-3 * photo(2, 2, 3, seed=1)
    ahead, behind = (tf.reduce_sum(tf.square(function(x + s))) for s in (step, -step))
    np.testing.assert_allclose(tf.reduce_sum(found * step), (ahead - behind) / 2, rtol=2e-2)


def test_an_image_of_one_colour_is_standardized_to_zero():
    assert not np.any(image.per_image_standardization(tf.fill([2, 3, 3, 1], 7.0)))


# -- chance ---------------------------------------------------------------------------------------


def test_about_half_of_a_batch_is_flipped():
    x = tf.tile(tf.reshape(tf.range(4), [1, 2, 2, 1]), [400, 1, 1, 1])
    for flip, axis in [(image.random_flip_left_right, 2), (image.random_flip_up_down, 1)]:
        y = np.asarray(flip(x, seed=1))
        flipped = (y == np.flip(np.asarray(x), axis)).all(axis=(1, 2, 3))
        assert (flipped | (y == np.asarray(x)).all(axis=(1, 2, 3))).all()
        assert 140 < flipped.sum() < 260


def test_crops_come_from_everywhere():
    x = tf.reshape(tf.range(12), [3, 4, 1])
    corners = {int(image.random_crop(x, [2, 3, 1])[0, 0, 0]) for _ in range(100)}
    assert corners == {0, 1, 4, 5}
    assert np.array_equal(image.random_crop(x, x.shape), x)


RANDOM = {
    "random_flip_left_right": (),
    "random_flip_up_down": (),
    "random_crop": ((3, 2, 3),),
    "random_brightness": (0.3,),
    "random_contrast": (0.5, 1.5),
    "random_hue": (0.3,),
    "random_saturation": (0.5, 1.5),
}


@pytest.mark.parametrize("name", RANDOM)
def test_seeds_of_random_changes(name):
    x, arguments = photo(5, 4, 3), RANDOM[name]
    stateless = getattr(image, f"stateless_{name}")
    draws = [np.asarray(stateless(x, *arguments, seed=(i, 1))) for i in range(20)]
    assert np.array_equal(draws[3], stateless(x, *arguments, seed=(3, 1)))
    assert any(not np.array_equal(draws[0], d) for d in draws)

    def several():
        tf.random.set_seed(4)
        return np.stack([getattr(image, name)(x, *arguments) for _ in range(10)])

    first = several()
    assert np.array_equal(first, several())
    assert any(not np.array_equal(first[0], y) for y in first)


def test_random_changes_in_a_graph_differ_from_run_to_run():
    @tf.function
    def change(x):
        return image.random_brightness(image.random_flip_left_right(x), 0.2)

    x = photo(2, 4, 4, 3)
    assert not np.array_equal(change(x), change(x))


def test_augmentation_in_a_pipeline():
    x = some_bytes(8, 6, 6, 3)

    def augment(picture):
        picture = image.convert_image_dtype(picture, tf.float32)
        picture = image.random_flip_left_right(picture)
        return image.random_crop(image.resize(picture, (8, 8)), (6, 6, 3))

    def loop(threads):
        tf.random.set_seed(2)
        dataset = tf.data.Dataset.from_tensor_slices(x).map(augment, threads).batch(8)
        assert dataset.element_spec == tf.TensorSpec((None, 6, 6, 3), tf.float32)
        return next(iter(dataset)).numpy()

    assert np.array_equal(loop(None), loop(3))


# ---- boxes


def test_boxes_are_chosen_by_score():
    boxes = [[0, 0, 1, 1], [1, 1, 0, 0.1], [0, 0, 0, 1], [0, 0.9, 1, 2], [0, 0, 1, 1]]
    scores = [0.5, 0.9, 0.7, 0.6, 0.5]
    # 1 covers 0 and 4, turned; 2 has no area, so that it overlaps with nothing
    assert tf.image.non_max_suppression(boxes, scores, 9).numpy().tolist() == [1, 2, 3]
    assert tf.image.non_max_suppression(boxes, scores, 2).numpy().tolist() == [1, 2]
    kept = tf.image.non_max_suppression(boxes, scores, 9, 1.0, score_threshold=0.5)
    assert kept.numpy().tolist() == [1, 2, 3]
    kept = tf.image.non_max_suppression(boxes, [0.5] * 5, 9, iou_threshold=0.95)
    assert kept.numpy().tolist() == [0, 1, 2, 3]  # of equal scores the first
    with pytest.raises(ValueError, match="non_max_suppression: expected a score for each"):
        tf.image.non_max_suppression(boxes, [0.5], 9)
    with pytest.raises(ValueError, match=r"expected boxes of shape \(n, 4\), got \(1, 5\)"):
        tf.image.non_max_suppression([[0.0] * 5], [0.5], 9)
    with pytest.raises(ValueError, match="iou_threshold is between 0 and 1, got 2"):
        tf.image.non_max_suppression(boxes, scores, 9, 2)


def test_boxes_of_several_classes():
    boxes = tf.constant([[[[0, 0, 1, 1]], [[0, 0, 1.0, 1.5]], [[0, 2, 1, 3]]]])
    scores = tf.constant([[[0.5, 0.9], [0.8, 0.1], [0.7, 0.6]]])
    found = tf.image.combined_non_max_suppression(boxes, scores, 2, 5, clip_boxes=False)
    assert found.valid_detections.numpy().tolist() == [4]
    np.testing.assert_allclose(found.nmsed_scores[0], [0.9, 0.8, 0.7, 0.6, 0.0])
    assert found.nmsed_classes.numpy().tolist() == [[1, 0, 0, 1, 0]]
    assert found.nmsed_boxes[0, 1].numpy().tolist() == [0, 0, 1, 1.5]
    padded = tf.image.combined_non_max_suppression(boxes, scores, 1, 5, pad_per_class=True)
    assert padded.nmsed_boxes.shape == (1, 2, 4)
    with pytest.raises(ValueError, match="combined_non_max_suppression: .*for as many classes"):
        tf.image.combined_non_max_suppression(tf.zeros([1, 3, 4, 4]), scores, 2, 5)


def test_crops_where_the_sizes_are_not_known():
    image = np.arange(48.0, dtype=np.float32).reshape(1, 4, 4, 3)
    boxes, numbers = [[0.0, 0.0, 1.0, 1.0], [0.5, 0.5, 2.0, 2.0]], [0, 0]

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3])])
    def crop(x):
        return tf.image.crop_and_resize(x, boxes, numbers, [4, 4], extrapolation_value=-1.0)

    found = crop(image)
    np.testing.assert_allclose(found[0], image[0], rtol=1e-6)
    assert found.shape == (2, 4, 4, 3)
    assert found[1, 2:].numpy().max() == -1.0
    whole = tf.image.crop_and_resize(image.astype(np.uint8), boxes, numbers, (2, 2))
    assert whole.dtype is tf.float32
    with pytest.raises(ValueError, match="crop_and_resize: .*images of shape"):
        tf.image.crop_and_resize(image[0], boxes, numbers, [2, 2])
    with pytest.raises(IndexError, match="crop_and_resize: "):
        tf.image.crop_and_resize(image, boxes, [0, 1], [2, 2])


def test_outlines_outside_of_the_image_are_not_drawn():
    blank = tf.zeros([1, 4, 4, 1])
    box = [[[-1.0, 0.4, 0.7, 3.0]]]
    drawn = tf.image.draw_bounding_boxes(blank, box, None)[0, :, :, 0].numpy().tolist()
    assert drawn == [[0, 1, 0, 0], [0, 1, 0, 0], [0, 1, 1, 1], [0, 0, 0, 0]]
    assert blank.numpy().max() == 0
    for nowhere in ([0.8, 0, 0.2, 1], [2, 0, 3, 1], [-2, 0, -1, 1]):
        assert tf.image.draw_bounding_boxes(blank, [[nowhere]], [[1.0]]).numpy().max() == 0
    with pytest.raises(ValueError, match=r"2 color\(s\) of 1 channels, for images of 3"):
        tf.image.draw_bounding_boxes(tf.zeros([1, 4, 4, 3]), box, [[1.0], [0.5]])


@pytest.mark.parametrize("target", [(4, 12), (12, 4), (7, 7)])
@pytest.mark.parametrize("shape", [(8, 6, 3), (2, 5, 9, 1)])
def test_resize_with_pad_of_sides_that_a_graph_will_know(shape, target):
    x = np.random.default_rng(0).random(shape, np.float32)
    later = tf.function(
        lambda x: image.resize_with_pad(x, *target),
        input_signature=[tf.TensorSpec([*[None] * (len(shape) - 1), shape[-1]])],
    )
    np.testing.assert_allclose(later(x), image.resize_with_pad(x, *target), rtol=1e-6)
    assert later.get_concrete_function().outputs[0].shape[-3:] == (*target, shape[-1])
