"""Reading an audit's sentences back: by forms and recounts that no writer of sentences uses."""
