"""Looking at processes from outside."""

from pathlib import Path


def alive(pid: int) -> bool:
    """Whether *pid* still runs; a zombie does not."""
    return state(pid) not in ("", "Z")


def state(pid: int) -> str:
    """The letter the kernel has for it, such as T for stopped; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def using(folder: Path) -> list[int]:
    """Processes whose command line names *folder*, or that work in it."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and str(folder) in _words(entry) and alive(int(entry.name))
    ]


def _words(entry: Path) -> str:
    try:
        # Valkey writes its own title over its command line
        return (entry / "cmdline").read_bytes().decode(errors="replace") + str(
            (entry / "cwd").readlink()
        )
    except OSError:
        return ""


def locks(folder: Path) -> list[Path]:
    """Lock and pid files left in *folder*."""
    return [
        path
        for path in folder.glob("**/*")
        if path.name.endswith((".pid", ".lock")) or path.name.startswith(".s.PGSQL")
    ]
