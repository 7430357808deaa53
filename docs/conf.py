"""How Sphinx builds these pages: Markdown in, HTML out."""

project = "minitf"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"page_width": "60rem"}
