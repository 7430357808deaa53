"""How Sphinx builds the website.

The sources lie where learners look for them (``chapters/``, ``exercises/``, ``docs/``), so the
source directory is the repository itself::

    sphinx-build -W -n -c docs . docs/_build/html

``ext/`` holds what is our own: `course` (units, buttons, downloads), `exercise_pages` (a page for
each exercise, made of its stub), `quiz`, `api_pages`. Settings from outside are environment
variables:

MINITF_REPOSITORY
    Where the project is hosted, such as https://github.com/OWNER/minitf, if it is not where ``url``
    in setup.cfg says. Colab opens notebooks from there; without either there is no such button.
MINITF_LITE
    When it is 1, JupyterLite is built into the site, and chapters get a button "Try it in the
    browser".
MINITF_INTERSPHINX
    When it is 1, names of Python and NumPy link to their documentation (needs the network).
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path[:0] = [str(DOCS / "ext"), str(ROOT)]

import minitf  # noqa: E402

project = "minitf"
author = "the minitf authors"
project_copyright = "the minitf authors"
version = release = minitf.__version__
language = "en"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "course",
    "exercise_pages",
    "quiz",
    "api_pages",
]

# -- what belongs to the site

root_doc = "docs/index"
source_suffix = {".rst": "restructuredtext"}  # the others are added by those who read them
include_patterns = [
    "docs/*.md",
    "docs/api/*.rst",
    "docs/api/family/*.rst",
    "chapters/*/*.md",
    "exercises/[0-9]*/*.py",
]
exclude_patterns = ["**/_*", "exercises/**/test_*", "exercises/**/conftest.py"]
templates_path = [str(DOCS / "_templates")]
html_static_path = [str(DOCS / "_static")]
nitpicky = True
suppress_warnings: list[str] = []

# -- Markdown

myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist",
                          "dollarmath", "fieldlist"]  # fmt: skip
myst_heading_anchors = 4
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

# -- chapters run when the site is built


def _digest() -> str:
    """Return a name for the state of the package.

    Whether a chapter has to run again is told by its code cells. What they show depends on minitf
    as well, so each state of minitf has a cache of its own.
    """
    found = hashlib.sha256()
    for path in sorted((ROOT / "minitf").rglob("*")):
        if path.suffix in (".py", ".js", ".css"):
            found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


nb_execution_mode = "cache"
nb_execution_cache_path = str(DOCS / "_build" / "executed" / _digest())
nb_execution_raise_on_error = True
nb_execution_timeout = 240
nb_execution_show_tb = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # the default is a server of somebody else
os.environ.setdefault("PYTHONPATH", str(ROOT))  # for the kernels

# An error that a chapter makes on purpose is shown as its message: the frames above it name the
# machine on which the site was built. And a kernel's remark that it talks over TCP, within this
# machine, would be printed for each chapter.
IPYTHON = DOCS / "_build" / "ipython"
os.environ["IPYTHONDIR"] = str(IPYTHON)
(IPYTHON / "profile_default").mkdir(parents=True, exist_ok=True)
(IPYTHON / "profile_default" / "ipython_config.py").write_text(
    'c = get_config()\nc.InteractiveShell.xmode = "Minimal"\nc.IPKernelApp.log_level = "ERROR"\n',
    encoding="utf-8",
)

# -- the reference

autodoc_typehints = "none"  # numpydoc's sections say it in words
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
default_role = "literal"
add_module_names = False
toc_object_entries = False
if os.environ.get("MINITF_INTERSPHINX") == "1":
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
    }

# -- the looks

html_theme = "sphinx_book_theme"
html_title = "minitf"
html_favicon = "logo.svg"
html_css_files = ["course.css"]
html_js_files = ["course.js"]
html_copy_source = False
html_show_sourcelink = False
html_additional_pages = {"index": "redirect.html"}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {
        "image_light": "docs/logo.svg",
        "image_dark": "docs/logo.svg",
        "text": "minitf",
        "alt_text": "",
    },
    "navbar_persistent": [],
    "show_navbar_depth": 1,
    "max_navbar_depth": 2,
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "extra_footer": (
        "<p>The nine units follow the outline of a deep-learning course by Dr. Gerhard Paaß "
        "(Fraunhofer IAIS), with thanks. Text and code are our own, under the Apache License 2.0."
        "</p>"
    ),
}
mathjax_path = "mathjax/tex-chtml-full.js"
mathjax3_config = {
    "options": {"enableMenu": False},  # it would load parts that are not here
}

# -- JupyterLite

if os.environ.get("MINITF_LITE") == "1":
    # Notebooks in the browser install minitf from this wheel, which the site carries.
    wheels = DOCS / "_build" / "wheels"
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels)]
    subprocess.run([*pip, str(ROOT)], check=True)
    extensions.append("jupyterlite_sphinx")
    jupyterlite_contents = [str(ROOT / "notebooks")]
    jupyterlite_bind_ipynb_suffix = False
    jupyterlite_build_command_options = {"piplite-wheels": str(wheels)}
