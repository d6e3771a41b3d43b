"""From a request to its results: resolve, look in the cache, plan, fetch, evaluate, judge, keep."""
