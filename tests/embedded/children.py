"""Looking at processes from outside."""

from pathlib import Path


def alive(pid: int) -> bool:
    """Whether *pid* still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def using(folder: Path) -> list[int]:
    """Processes whose command line names *folder*."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in command and alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def locks(folder: Path) -> list[Path]:
    """Lock and pid files left in *folder*."""
    return [
        path
        for path in folder.glob("**/*")
        if path.name.endswith((".pid", ".lock")) or path.name.startswith(".s.PGSQL")
    ]
