"""Loading the directory from xlsx workbooks."""

from app.platform.directory.imports.workbook import import_workbook
from app.platform.directory.imports.writing import Report, SheetReport

__all__ = ["Report", "SheetReport", "import_workbook"]
