def transform(data, **_):
    return data.dropna()
