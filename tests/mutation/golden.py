def campaign(options, work, results):
    return []
