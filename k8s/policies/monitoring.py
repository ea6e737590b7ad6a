def check(promtool, parse):
    return []
