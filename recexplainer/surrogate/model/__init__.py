"""Language model with projectors: backbones, heads, token encoding and weights."""
