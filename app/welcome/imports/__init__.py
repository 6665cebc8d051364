"""Lists that come as workbooks: who was admitted, and who sleeps where."""
