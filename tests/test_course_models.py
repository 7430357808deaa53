"""The twelve course models run, and learn; what measures them is right."""

import gzip
import importlib
import lzma
import math
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

PROGRAMS = Path(__file__).resolve().parent.parent / "benchmarks" / "models"

# The smallest runs that still learn. All loss curves fall but those of players against each other.
LEARNERS = {
    "logistic_regression": "--epochs 2 --samples 512",
    "mlp": "--epochs 2 --samples 512",
    "cnn": "--epochs 2 --samples 256",
    "resnet": "--steps 10 --samples 128",
    "vit": "--epochs 6 --samples 256 --width 16",
    "word2vec": "--steps 40 --vocabulary 60 --batch 256",
    "bert": "--steps 30 --length 16 --vocabulary 60 --width 16",
    "lstm_text": "--steps 20 --units 16",
    "gpt": "--steps 20 --width 16 --length 16",
    "translator": "--epochs 2 --pairs 300 --vocabulary 280 --held_out 5 --width 16",
}
PLAYERS = {"dqn": "--steps 150", "gan": "--epochs 1 --samples 256"}
NOUNS = {"cat": "Katze", "dog": "Hund", "king": "Koenig", "queen": "Koenigin", "house": "Haus",
         "river": "Fluss", "child": "Kind", "book": "Buch", "stone": "Stein"}  # fmt: skip
VERBS = {"sees": "sieht", "likes": "mag", "finds": "findet", "takes": "nimmt"}
WORDS = NOUNS | VERBS


@pytest.fixture(scope="module")
def program():
    """Import programs of the folder, and forget them afterwards."""
    before = set(sys.modules)
    sys.path.insert(0, str(PROGRAMS))
    yield importlib.import_module
    sys.path.remove(str(PROGRAMS))
    for name in set(sys.modules) - before:
        if str(PROGRAMS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a folder with little data sets in the forms of the real ones."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for part in ("mnist", "cifar10-small", "text", "translation", "wordsim"):
        (folder / part).mkdir()
    write_digits(folder / "mnist", rng)
    write_photographs(folder / "cifar10-small", rng)
    write_texts(folder, rng)
    return folder


def write_digits(folder, rng):
    """Ten patterns under noise, as the files of MNIST."""
    patterns = rng.integers(0, 2, (10, 28, 28)) * 200
    for part, count in (("train", 512), ("t10k", 64)):
        labels = rng.integers(0, 10, count).astype(np.uint8)
        images = (patterns[labels] + rng.integers(0, 55, (count, 28, 28))).astype(np.uint8)
        head = struct.pack(">HBB3I", 0, 8, 3, count, 28, 28)
        path = folder / f"{part}-images-idx3-ubyte.gz"
        path.write_bytes(gzip.compress(head + images.tobytes()))
        head = struct.pack(">HBBI", 0, 8, 1, count)
        path = folder / f"{part}-labels-idx1-ubyte.gz"
        path.write_bytes(gzip.compress(head + labels.tobytes()))


def write_photographs(folder, rng):
    """Ten patterns under noise, as the subset of CIFAR-10."""
    patterns = rng.integers(0, 2, (10, 3072)) * 200
    for name, count in (("train_first2000", 128), ("test_first1000", 32)):
        labels = rng.integers(0, 10, count)
        pixels = patterns[labels] + rng.integers(0, 55, (count, 3072))
        rows = np.concatenate([labels[:, None], pixels], axis=1).astype(np.uint8)
        (folder / f"cifar10_{name}.bin.xz").write_bytes(lzma.compress(rows.tobytes()))


def write_texts(folder, rng):
    """Sentences of few words, in the forms of the books, plays and translations."""
    kinds = [list(words) for words in (NOUNS, VERBS, NOUNS)]
    told = [[rng.choice(words) for words in kinds] for _ in range(2000)]
    english = [" ".join(words) + "." for words in told]
    german = [" ".join(WORDS[word] for word in words) + "." for words in told]
    (folder / "text" / "tinyshakespeare_input.txt").write_text("\n".join(english))
    (folder / "text" / "big.txt").write_text(" ".join(english))
    with zipfile.ZipFile(folder / "translation" / "deu-eng.zip", "w") as archive:
        archive.writestr("deu.txt", "\n".join(map("\t".join, zip(english, german, strict=True))))
    (folder / "wordsim" / "questions-words.txt").write_text(": family\nking queen cat dog\n")
    table = "Word 1\tWord 2\tHuman (mean)\nking\tqueen\t8.6\ncat\tdog\t7.0\ncat\triver\t1.5\n"
    (folder / "wordsim" / "wordsim353_combined.tab").write_text(table)


def run(program, name, arguments, data, monkeypatch):
    """Run a program, and return its report."""
    monkeypatch.setenv("MINITF_DATA", str(data))
    return program(name).main(["--quick", *arguments.split()])


@pytest.mark.parametrize("name", LEARNERS)
def test_a_model_learns(name, program, data, monkeypatch):
    record = run(program, name, LEARNERS[name], data, monkeypatch)
    assert record["losses"][-1] < record["losses"][0]
    assert record["results"]


@pytest.mark.parametrize("name", PLAYERS)
def test_two_networks_play(name, program, data, monkeypatch):
    record = run(program, name, PLAYERS[name], data, monkeypatch)
    assert np.isfinite(record["losses"]).all()
    assert record["results"]


def test_there_are_twelve(program):
    with_model = [p for p in PROGRAMS.glob("*.py") if "def build_model(" in p.read_text("utf-8")]
    assert sorted(p.stem for p in with_model) == sorted([*LEARNERS, *PLAYERS])


def test_only_import_lines_differ_under_keras(program):
    lines = program("under_keras").LINES
    for path in PROGRAMS.glob("*.py"):
        if path.stem == "under_keras":
            continue
        source = path.read_text("utf-8")
        left = [
            line
            for line in program("under_keras").rewritten(source).splitlines()
            if "import" in line.split() and "minitf" in line and "from minitf.data " not in line
        ]
        assert left == [], path.name
        assert not set(lines.values()) & set(source.splitlines()), path.name


# -- GPT's cache --------------------------------------------------------------------------------


def test_the_cache_tells_what_the_whole_text_tells(program):
    import minitf as tf

    model = program("gpt").build_model(vocabulary=11, length=6, width=8, heads=2, layers=2)
    text = tf.constant(np.random.default_rng(0).integers(0, 11, (3, 6)), tf.int32)
    whole = model(text).numpy()  # (3, 6, 11)
    caches = model.empty_caches(3)
    for i in range(6):
        logits, caches = model.follow(text[:, i : i + 1], tf.constant(i), caches)
        np.testing.assert_allclose(logits.numpy(), whole[:, i], atol=1e-5)


def test_generated_texts_begin_with_the_prompts_and_stay_in_the_context(program):
    model = program("gpt").build_model(vocabulary=11, length=6, width=8, heads=2, layers=1)
    prompt = np.array([[1, 2, 3], [4, 5, 6]], np.int32)
    text = model.generate(prompt, 6)
    assert text.shape == (2, 6)
    assert (text[:, :3] == prompt).all()
    with pytest.raises(ValueError, match="6 places"):
        model.generate(prompt, 7)


# -- scores -------------------------------------------------------------------------------------

PAPER = [  # Papineni et al. 2002, example 1
    "it is a guide to action that ensures that the military will forever heed party commands",
    "it is the guiding principle which guarantees the military forces always being under the "
    "command of the party",
    "it is the practical guide for the army always to heed the directions of the party",
]
CANDIDATE = (
    "it is a guide to action which ensures that the military always obeys the commands of the party"
)


def test_bleu_of_the_papers_examples(program):
    bleu, references = program("scores").bleu, [[text.split() for text in PAPER]]
    one, two = (bleu([CANDIDATE.split()], references, n) for n in (1, 2))
    assert one == pytest.approx(100 * 17 / 18)
    assert two == pytest.approx(100 * math.sqrt(17 / 18 * 10 / 17))
    references = [[text.split() for text in ("the cat is on the mat", "there is a cat on the mat")]]
    assert bleu([["the"] * 7], references, 1) == pytest.approx(100 * 2 / 7)  # example 2


def test_bleu_sums_over_the_corpus_and_punishes_brevity(program):
    bleu = program("scores").bleu
    a, b = list("abcde"), list("vwxyz")
    assert bleu([a, b], [[a], [b]]) == pytest.approx(100)
    assert bleu([a[:4]], [[a]]) == pytest.approx(100 * math.exp(1 - 5 / 4))
    assert bleu([a, b[:1]], [[a], [b]], 1) == pytest.approx(100 * math.exp(1 - 10 / 6))
    assert bleu([a], [[b]]) == 0.0


def test_spearman_counts_places_not_sizes(program):
    spearman = program("scores").spearman
    assert spearman([1, 2, 3], [1, 10, 1000]) == pytest.approx(1)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9486833)


def test_word_vectors_answer_analogies(program):
    vectors = np.array([[1, 0, 0], [1, 0, 1], [0, 1, 0], [0, 1, 1], [-1, -1, 0]], float)
    found = program("scores").WordVectors(["man", "woman", "king", "queen", "river"], vectors)
    right = ("man", "woman", "King", "queen")
    wrong = ("man", "woman", "king", "river")
    unknown = ("man", "woman", "king", "emperor")
    assert found.analogies([right, wrong, unknown]) == (0.5, 2)
    assert found.neighbours("queen", 1) == ["king"]
    pairs = [("man", "woman"), ("king", "river"), ("king", "emperor")]
    assert found.similarity(pairs, np.array([9.0, 1.0, 5.0])) == (pytest.approx(1), 2)


# -- CartPole -----------------------------------------------------------------------------------


def test_a_push_moves_the_cart_and_tips_the_pole(program):
    """The accelerations of the equations of motion at rest, worked out by hand."""
    carts = program("cartpole").CartPoles(2, np.random.default_rng(0))
    carts.states[:] = 0
    fell, over = carts.push(np.array([1, 0]))
    pressed = 10 / 1.1
    turning = -pressed / (0.5 * (4 / 3 - 0.1 / 1.1))
    moving = pressed - 0.05 * turning / 1.1
    np.testing.assert_allclose(carts.states[0], [0, 0.02 * moving, 0, 0.02 * turning])
    np.testing.assert_allclose(carts.states[1], -carts.states[0])
    assert not fell.any()
    assert not over.any()


def test_poles_fall_and_games_end(program):
    cartpole = program("cartpole")
    carts = cartpole.CartPoles(3, np.random.default_rng(0))
    carts.states[:, 0] = [0, 2.5, 0]
    carts.states[:, 2] = [0, 0, 0.22]
    carts.steps[0] = cartpole.LONGEST - 1
    fell, over = carts.push(np.zeros(3, int))
    assert fell.tolist() == [False, True, True]
    assert over.tolist() == [True, False, False]
    carts.reset(fell)
    assert carts.steps.tolist() == [500, 0, 0]
    assert (abs(carts.states[1:]) <= 0.05).all()


def test_physics_as_in_gymnasium(program):
    gymnasium = pytest.importorskip("gymnasium")
    game = gymnasium.make("CartPole-v1").unwrapped
    carts = program("cartpole").CartPoles(1, np.random.default_rng(0))
    game.reset(seed=0)
    carts.states[0] = game.state
    for action in np.random.default_rng(1).integers(0, 2, 200):
        _, _, terminated, _, _ = game.step(int(action))
        fell, _ = carts.push(np.array([action]))
        np.testing.assert_allclose(carts.states[0], game.state, atol=1e-6)
        assert bool(fell[0]) == terminated
        if terminated:
            break
