"""Images: resized, turned, cut, their colours changed, compared."""

from .case import Case, case, f32, f64, ints, lit, program

METHODS = ["bilinear", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
PHOTO = f32(2, 5, 4, 3, low=0, high=1)
BYTES = ints(4, 5, 3, low=0, high=256, dtype="uint8")
BOXES = f32(12, 4, low=-0.1, high=1.2)
SCORES = lit([0.35, 0.9, 0.15, 0.75, 0.05, 0.55, 0.95, 0.25, 0.65, 0.45, 0.85, 0.5])
SHUFFLED = [[[(7 * i + 5 * j + 11 * b) % 48 / 48 for j in range(3)] for i in range(8)]
            for b in range(2)]  # fmt: skip
CASES: list[Case] = []
# TensorFlow computes all of this in float32, and keeps the weights of many methods so.
for method in METHODS:
    CASES += [
        case("image.resize", f32(6, 5, 2), [3, 4], method).check(order=0, tol=10),
        case("image.resize", f32(2, 3, 4, 1), (7, 9), method=method).check(order=0, tol=10),
    ]
    if method != "area":
        CASES += [
            case("image.resize", f32(9, 7, 1), [4, 3], method, antialias=True)
            .check(order=0, tol=10),
            case("image.resize", f32(3, 2, 1), [5, 5], method, antialias=True)
            .check(order=0, tol=10),
        ]  # fmt: skip

CASES += [
    case("image.resize", f32(1, 4, 6, 2), [3, 5]).check(order=1, tol=10),
    case("image.resize", f32(1, 3, 3, 1), [5, 4]).check(order=1, tol=10),
    case("image.resize", f32(1, 4, 5, 2), [6, 3], "bicubic").check(order=1, tol=10),
    case("image.resize", f32(1, 4, 5, 2), [6, 3], "nearest").check(order=1),
    case("image.resize", f32(1, 8, 6, 1), [3, 3], "bilinear", antialias=True)
    .check(order=1, tol=10),
    case("image.resize", ints(4, 6, 1), [5, 3], "nearest"),
    case("image.resize", ints(5, 3, 1, dtype="uint8", low=0), [10, 6], "nearest"),
    case("image.resize", ints(7, 7, 1), [3, 5], "nearest"),
    case("image.resize", BYTES, [3, 3]).check(tol=10),
    case("image.resize", BYTES, [8, 8], method="area").check(tol=10),
    case("image.resize", BYTES, [4, 5]),
    case("image.resize", f64(4, 4, 1), [2, 6]).check(order=0, tol=1e5),
    case("image.resize", f32(4, 6, 1), [5, 5], preserve_aspect_ratio=True).check(order=0, tol=10),
    case("image.resize", f32(2, 10, 7, 1), [4, 9], preserve_aspect_ratio=True)
    .check(order=0, tol=10),
    case("image.resize", f32(4, 6), [5, 5]).check(fails=True),
    case("image.resize", f32(4, 6, 1), [5]).check(fails=True),
    case("image.resize", f32(4, 6, 1), [5, 5], "cubic").check(fails=True),
    case("image.resize", f32(4, 6, 1), [0, 5]).check(fails=True),
    case("image.resize_with_pad", f32(5, 3, 2), 4, 6).check(order=0, tol=10),
    case("image.resize_with_pad", f32(2, 3, 7, 1), 5, 4, method="nearest").check(order=0),
    case("image.resize_with_pad", f32(9, 6, 1), 4, 4, antialias=True).check(order=0, tol=10),
    case("image.resize_with_crop_or_pad", f32(5, 2, 2), 2, 5),
    case("image.resize_with_crop_or_pad", f32(2, 4, 4, 1), 3, 3),
    case("image.resize_with_crop_or_pad", ints(3, 6, 1), 8, 3),
    # turning
    case("image.flip_left_right", f32(3, 4, 2)),
    case("image.flip_left_right", ints(2, 3, 4, 1)),
    case("image.flip_up_down", f32(2, 3, 4, 2)),
    case("image.flip_up_down", f32(4, 3)).check(fails=True),
    case("image.transpose", f32(3, 4, 2)),
    case("image.transpose", f32(2, 3, 4, 2)),
    case("image.rot90", ints(2, 3, 4, 1)),
    *[case("image.rot90", ints(2, 3, 1), k) for k in (0, 1, 2, 3, 4, -1)],
    case("image.rot90", f32(2, 3, 2), k=3),
    # cutting and filling up
    case("image.central_crop", f32(6, 5, 2), 0.5),
    case("image.central_crop", f32(2, 7, 9, 1), central_fraction=0.3),
    case("image.central_crop", f32(4, 4, 1), 1.0),
    case("image.central_crop", f32(4, 4, 1), 1.5).check(fails=True),
    case("image.crop_to_bounding_box", f32(5, 6, 2), 1, 2, 3, 4),
    case("image.crop_to_bounding_box", ints(2, 5, 6, 1), 0, 0, 5, 1),
    case("image.crop_to_bounding_box", f32(5, 6, 2), 3, 2, 3, 4).check(fails=True),
    case("image.crop_to_bounding_box", f32(5, 6, 2), -1, 2, 3, 4).check(fails=True),
    case("image.pad_to_bounding_box", f32(2, 3, 2), 1, 2, 4, 6),
    case("image.pad_to_bounding_box", ints(2, 2, 3, 1), 0, 0, 2, 3),
    case("image.pad_to_bounding_box", f32(2, 3, 2), 1, 2, 2, 6).check(fails=True),
    # types and brightness
    case("image.convert_image_dtype", BYTES, "float32"),
    case("image.convert_image_dtype", BYTES, "float16"),
    case("image.convert_image_dtype", ints(3, 2, dtype="int8", low=-128, high=128), "float32"),
    case("image.convert_image_dtype", f32(4, 3, low=0, high=1), "uint8"),
    case("image.convert_image_dtype", f32(4, 3, low=-1, high=2), "uint8", saturate=True),
    case("image.convert_image_dtype", f32(4, 3, low=0, high=1), "float64").check(order=1),
    case("image.convert_image_dtype", ints(4, dtype="uint16", low=0, high=60000), "uint8"),
    case("image.convert_image_dtype", ints(4, dtype="int16", low=-900, high=900), "uint8", True),
    case("image.convert_image_dtype", ints(4, dtype="int8", low=-99, high=99), "int32"),
    case("image.convert_image_dtype", ints(4, dtype="int8", low=-99, high=99), "uint8", True),
    case("image.convert_image_dtype", BYTES, "uint8"),
    case("image.rgb_to_grayscale", PHOTO).check(order=1),
    case("image.rgb_to_grayscale", BYTES),
    case("image.rgb_to_grayscale", f64(2, 2, 3)).check(order=0, tol=1e5),
    case("image.grayscale_to_rgb", f32(2, 3, 1)),
    case("image.grayscale_to_rgb", ints(2, 2, 3, 1)),
    case("image.grayscale_to_rgb", f32(2, 3, 2)).check(fails=True),
    case("image.adjust_brightness", PHOTO, 0.3),
    case("image.adjust_brightness", BYTES, delta=-0.2),
    case("image.adjust_contrast", f32(2, 4, 3, 2), 2.0).check(order=0),
    case("image.adjust_contrast", BYTES, contrast_factor=0.4),
    case("image.adjust_gamma", PHOTO, 0.5),
    case("image.adjust_gamma", BYTES, gamma=2.0, gain=0.8),
    case("image.adjust_gamma", PHOTO, -1.0).check(fails=True),
    case("image.per_image_standardization", PHOTO).check(tol=5),
    case("image.per_image_standardization", BYTES).check(tol=5),
    case("image.per_image_standardization", lit([[[2.0], [2.0]]])).check(order=0),
    # colours
    case("image.rgb_to_hsv", PHOTO).check(order=0),
    case("image.rgb_to_hsv", lit([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [1.0, 0.0, 1.0]]))
    .check(order=0),
    case("image.hsv_to_rgb", PHOTO).check(order=0),
    case("image.adjust_hue", PHOTO, 0.2).check(order=0, tol=10),
    case("image.adjust_hue", PHOTO, delta=-0.7).check(order=0, tol=10),
    case("image.adjust_hue", PHOTO, 2.0).check(fails=True, in_graph=False),
    case("image.adjust_saturation", PHOTO, 0.5).check(order=0, tol=10),
    case("image.adjust_saturation", PHOTO, saturation_factor=3.0).check(order=0, tol=10),
    # boxes
    case("image.non_max_suppression", BOXES, SCORES, 5).check(order=0),
    case("image.non_max_suppression", BOXES, SCORES, 20, iou_threshold=0.2, score_threshold=0.3)
    .check(order=0),
    case("image.non_max_suppression", BOXES, f32(3), 5).check(fails=True),
    case("image.non_max_suppression", BOXES, SCORES, 5, 1.5).check(fails=True),
    case("image.combined_non_max_suppression", f32(2, 8, 1, 4, low=-0.1, high=1.2),
         lit(SHUFFLED), 3, 7, 0.2, 0.2).check(order=0),
    case("image.combined_non_max_suppression", f32(2, 8, 3, 4, low=-0.1, high=1.2),
         lit(SHUFFLED), 2, 20, iou_threshold=0.1, pad_per_class=True, clip_boxes=False)
    .check(order=0),
    case("image.crop_and_resize", PHOTO, BOXES, lit([0, 1] * 6, "int32"), [3, 4])
    .check(order=1, tol=20),
    case("image.crop_and_resize", PHOTO, BOXES, lit([0, 1] * 6, "int32"), [1, 2],
         method="nearest", extrapolation_value=-1.0).check(order=0, tol=10),
    case("image.crop_and_resize", f32(1, 6, 5, 2), lit([[0.9, 0.1, 0.2, 0.8]]), lit([0], "int32"),
         [7, 1]).check(order=1, tol=20),
    case("image.crop_and_resize", PHOTO, BOXES, lit([0, 1] * 6, "int32"), [3, 4], "cubic")
    .check(fails=True),
    case("image.draw_bounding_boxes", f32(2, 9, 7, 3), f32(2, 3, 4, low=-0.2, high=1.2), f32(2, 3))
    .check(order=0),
    case("image.draw_bounding_boxes", f32(1, 9, 7, 4), f32(1, 12, 4, low=0, high=1), None)
    .check(order=0),
    case("image.draw_bounding_boxes", f32(1, 6, 8, 1), f32(1, 2, 4, low=0, high=1), None)
    .check(order=0),
    # comparing
    case("image.psnr", PHOTO, f32(2, 5, 4, 3, low=0, high=1), 1.0).check(order=1, tol=5),
    case("image.psnr", BYTES, ints(4, 5, 3, low=0, high=255, dtype="uint8"), max_val=255)
    .check(tol=5),
    case("image.psnr", f32(4, 4, 1), f32(4, 3, 1), 1.0).check(fails=True),
    case("image.ssim", f32(2, 14, 13, 2, low=0, high=1), f32(2, 14, 13, 2, low=0, high=1), 1.0)
    .check(order=1, tol=50),
    case("image.ssim", f32(8, 9, 1), f32(8, 9, 1), max_val=4.0, filter_size=5, filter_sigma=1.0,
         k1=0.02, k2=0.05, return_index_map=True).check(order=0, tol=50),
    case("image.ssim", f32(8, 9, 1), f32(8, 9, 1), 1.0).check(fails=True),
    case("image.total_variation", PHOTO).check(order=1),
    case("image.total_variation", f32(4, 3, 2)).check(order=1),
    case("image.image_gradients", PHOTO),
    case("image.sobel_edges", f32(2, 4, 5, 2)).check(order=1, tol=5),
]  # fmt: skip


@program(CASES, "image.flip_left_right image.adjust_brightness", PHOTO, order=1, tol=10)
def augment(tf, x):
    x = tf.image.adjust_brightness(tf.image.flip_left_right(x), 0.1)
    return tf.image.resize(x, [4, 4], tf.image.ResizeMethod.BICUBIC)
