"""Files of runs and models: listed, uploaded and downloaded, wherever they lie."""
