"""A student learns from a teacher; an encoder learns from pairs; two models in one compile()."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


class Distiller(keras.Model):
    def __init__(self, student, teacher):
        super().__init__()
        self.teacher = teacher
        self.student = student

    def compile(
        self, optimizer, metrics, student_loss_fn, distillation_loss_fn, alpha=0.1, temperature=3
    ):
        super().compile(optimizer=optimizer, metrics=metrics)
        self.student_loss_fn = student_loss_fn
        self.distillation_loss_fn = distillation_loss_fn
        self.alpha = alpha
        self.temperature = temperature

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, allow_empty=False, **kwargs
    ):
        teacher_pred = self.teacher(x, training=False)
        student_loss = self.student_loss_fn(y, y_pred)
        distillation_loss = self.distillation_loss_fn(
            ops.softmax(teacher_pred / self.temperature, axis=1),
            ops.softmax(y_pred / self.temperature, axis=1),
        ) * (self.temperature**2)
        return self.alpha * student_loss + (1 - self.alpha) * distillation_loss

    def call(self, x):
        return self.student(x)


class ContrastiveModel(keras.Model):
    def __init__(self, encoder, temperature=0.1):
        super().__init__()
        self.temperature = temperature
        self.encoder = encoder
        self.projection_head = keras.Sequential(
            [keras.Input(shape=(8,)), layers.Dense(8, activation="tanh"), layers.Dense(8)],
            name="projection_head",
        )

    def compile(self, contrastive_optimizer, **kwargs):
        super().compile(**kwargs)
        self.contrastive_optimizer = contrastive_optimizer
        self.contrastive_loss_tracker = keras.metrics.Mean(name="c_loss")
        self.contrastive_accuracy = keras.metrics.SparseCategoricalAccuracy(name="c_acc")

    @property
    def metrics(self):
        return [self.contrastive_loss_tracker, self.contrastive_accuracy]

    def contrastive_loss(self, projections_1, projections_2):
        projections_1 = ops.normalize(projections_1, axis=1)
        projections_2 = ops.normalize(projections_2, axis=1)
        similarities = ops.matmul(projections_1, ops.transpose(projections_2)) / self.temperature
        batch_size = ops.shape(projections_1)[0]
        contrastive_labels = ops.arange(batch_size)
        self.contrastive_accuracy.update_state(contrastive_labels, similarities)
        self.contrastive_accuracy.update_state(contrastive_labels, ops.transpose(similarities))
        loss_1_2 = keras.losses.sparse_categorical_crossentropy(
            contrastive_labels, similarities, from_logits=True
        )
        loss_2_1 = keras.losses.sparse_categorical_crossentropy(
            contrastive_labels, ops.transpose(similarities), from_logits=True
        )
        return ops.mean(loss_1_2 + loss_2_1) / 2

    def train_step(self, data):
        images, _ = data
        views = [images + keras.random.normal(ops.shape(images), stddev=0.1) for _ in range(2)]
        with tf.GradientTape() as tape:
            projections = [
                self.projection_head(self.encoder(view, training=True)) for view in views
            ]
            loss = self.contrastive_loss(*projections)
        variables = self.encoder.trainable_weights + self.projection_head.trainable_weights
        gradients = tape.gradient(loss, variables)
        self.contrastive_optimizer.apply_gradients(zip(gradients, variables))
        self.contrastive_loss_tracker.update_state(loss)
        return {m.name: m.result() for m in self.metrics}

    def test_step(self, data):
        images, _ = data
        self.contrastive_loss(*[self.projection_head(self.encoder(images, training=False))] * 2)
        return {m.name: m.result() for m in self.metrics[1:]}


rng = np.random.default_rng(32)
x = rng.normal(size=(96, 6)).astype("float32")
y = x[:, :3].argmax(axis=1)


def network(width):
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(width, activation="relu"), layers.Dense(3)]
    )


teacher, student = network(24), network(6)
student_scratch = keras.models.clone_model(student)
teacher.compile(
    optimizer=keras.optimizers.Adam(0.02),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
teacher.fit(x, y, epochs=8, verbose=0)
distiller = Distiller(student=student, teacher=teacher)
distiller.compile(
    optimizer=keras.optimizers.Adam(0.02),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
    student_loss_fn=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    distillation_loss_fn=keras.losses.KLDivergence(),
    alpha=0.1,
    temperature=10,
)
before = [w.copy() for w in teacher.get_weights()]
history = distiller.fit(x, y, epochs=6, verbose=0)
teacher_moved = any(np.any(a != b) for a, b in zip(before, teacher.get_weights()))
evaluated = distiller.evaluate(x, y, verbose=0, return_dict=True)
encoder = keras.Sequential([keras.Input((6,)), layers.Dense(8)], name="encoder")
contrast = ContrastiveModel(encoder)
contrast.compile(contrastive_optimizer=keras.optimizers.Adam(0.01))
contrasted = contrast.fit(x, y, batch_size=32, epochs=3, validation_data=(x, y), verbose=0)

RESULT = {
    "fell": history.history["loss"][-1] < history.history["loss"][0],
    "history": [sorted(history.history), sorted(contrasted.history)],
    "evaluated": sorted(evaluated),
    "teacher moved": teacher_moved,
    "perfect": contrasted.history["val_c_acc"][-1] > 0.9,
    "weights": [len(distiller.trainable_weights), len(contrast.trainable_weights)],
    "apart": bool(np.any(student_scratch.get_weights()[0] != student.get_weights()[0])),
}
