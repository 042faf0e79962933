"""Where a store delivers: shapes, the polygon they come to, the lists that are kept by version. 配送范围"""
