"""On the road: a delivery's and a trip's life, stop by stop; where riders are, when they will be where, what proves it. 配送"""
