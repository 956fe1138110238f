"""Copies the browser libraries that pages use from node_modules to static/lib. No bundler, no build.

Source maps stay behind, and so do the references to them. The licence of every package that reached
static/lib, directly or inside a bundle, is collected in static/lib/LICENSES.txt.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
LIBRARIES = ROOT / "static" / "lib"

# folder under static/lib -> files of a package, as they are
COPIES = {
    "tabler": ["@tabler/core/dist/css/tabler.min.css", "@tabler/core/dist/js/tabler.min.js"],
    "htmx": ["htmx.org/dist/htmx.min.js"],
    "htmx-ext-ws": ["htmx-ext-ws/dist/ws.min.js"],
    "idiomorph": ["idiomorph/dist/idiomorph-ext.min.js"],
    "uplot": ["uplot/dist/uPlot.iife.min.js", "uplot/dist/uPlot.min.css"],
    "leaflet": ["leaflet/dist/leaflet.js", "leaflet/dist/leaflet.css"],
    "leaflet/images": [
        "leaflet/dist/images/layers-2x.png",
        "leaflet/dist/images/layers.png",
        "leaflet/dist/images/marker-icon-2x.png",
        "leaflet/dist/images/marker-icon.png",
        "leaflet/dist/images/marker-shadow.png",
    ],
    "react": ["react/umd/react.production.min.js"],
    "react-dom": ["react-dom/umd/react-dom.production.min.js"],
    "graphiql": ["graphiql/graphiql.min.js", "graphiql/graphiql.min.css"],
}
FONT_WEIGHTS = (400, 500, 600)
FONT_SUBSETS = ("latin", "latin-ext")

SOURCE_MAP = re.compile(rb"\n?(//[#@] ?sourceMappingURL=\S+|/\*[#@] ?sourceMappingURL=[^*]+\*/)\s*\Z")


def copy_files(target: Path) -> None:
    """Copy what COPIES lists."""
    for folder, sources in COPIES.items():
        (target / folder).mkdir(parents=True, exist_ok=True)
        for source in sources:
            content = (MODULES / source).read_bytes()
            if source.endswith((".js", ".css")):
                content = SOURCE_MAP.sub(b"\n", content)
            (target / folder / Path(source).name).write_bytes(content)


def copy_fonts(target: Path) -> None:
    """Write inter/inter.css and the woff2 files it names; pages and PDFs load the same ones."""
    package = MODULES / "@fontsource" / "inter"
    (target / "inter" / "files").mkdir(parents=True, exist_ok=True)
    faces = []
    for weight in FONT_WEIGHTS:
        blocks = (package / f"{weight}.css").read_text(encoding="utf-8").split("/* ")
        for subset in FONT_SUBSETS:
            name = f"inter-{subset}-{weight}-normal"
            face = next(block for block in blocks if block.startswith(f"{name} "))
            faces.append("/* " + re.sub(r", url\([^)]*\.woff\) format\('woff'\)", "", face).rstrip() + "\n")
            shutil.copy(package / "files" / f"{name}.woff2", target / "inter" / "files")
    (target / "inter" / "inter.css").write_text("".join(faces), encoding="utf-8")


def join_icons(target: Path) -> None:
    """Join the icons named in setup/icons.txt to one file: <svg><use href="icons.svg#bolt"/></svg>."""
    symbols = []
    names = (ROOT / "setup" / "icons.txt").read_text(encoding="utf-8").split()
    for name in names:
        source = MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not source.exists():
            sys.exit(f"setup/icons.txt: @tabler/icons has no outline icon {name!r}")
        drawing = re.sub(r"<!--.*?-->", "", source.read_text(encoding="utf-8"), flags=re.DOTALL)
        shapes = re.sub(r"\s*\n\s*", "", drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")])
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
            f' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
        )
    (target / "icons").mkdir(parents=True, exist_ok=True)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{"".join(symbols)}</svg>\n'
    (target / "icons" / "icons.svg").write_text(sprite, encoding="utf-8")


def collect_licences(target: Path) -> None:
    """Join the licences of all installed packages: bundles contain the code of their dependencies."""
    parts = []
    for manifest in sorted([*MODULES.glob("*/package.json"), *MODULES.glob("@*/*/package.json")]):
        package = manifest.parent
        texts = sorted(path for path in package.iterdir() if re.match(r"(licen[cs]e|notice)", path.name, re.IGNORECASE))
        words = "\n".join(
            path.read_text(encoding="utf-8", errors="replace").strip() for path in texts if path.is_file()
        )
        declared = re.search(r'"license"\s*:\s*"([^"]*)"', manifest.read_text(encoding="utf-8"))
        stated = f"Licence: {declared.group(1)}" if declared else "Licence: see the package"
        parts.append(f"{'=' * 78}\n{package.relative_to(MODULES)}\n{stated}\n{'=' * 78}\n{words}\n\n")
    (target / "LICENSES.txt").write_text("".join(parts), encoding="utf-8")


def main() -> None:
    """Fill a new folder beside static/lib, then put it in place."""
    fresh = LIBRARIES.with_name("lib.new")
    shutil.rmtree(fresh, ignore_errors=True)
    copy_files(fresh)
    copy_fonts(fresh)
    join_icons(fresh)
    collect_licences(fresh)
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    fresh.rename(LIBRARIES)


if __name__ == "__main__":
    main()
