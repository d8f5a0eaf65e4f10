"""Compiles the letters' MJML sources to the Jinja HTML beside them: `make templates`.

The result is committed, so that what runs in AWS needs neither MJML nor this step.
"""

from pathlib import Path

from mjml import mjml2html

FOLDER = Path(__file__).parent.parent / "chalicelib" / "templates" / "mail"


def compiled(source: Path) -> str:
    """The HTML that `source` stands for."""
    return str(mjml2html(source.read_text())).strip() + "\n"


def main() -> None:
    """Write the HTML of every source."""
    for source in sorted(FOLDER.glob("*.mjml")):
        source.with_suffix(".html").write_text(compiled(source))


if __name__ == "__main__":
    main()
