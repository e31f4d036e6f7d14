"""EASE and the variational autoencoders of the Cornac library as targets of recexplainer."""
