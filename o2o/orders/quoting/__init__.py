"""From a basket to an offer: which stores could, how soon, what it costs, signed for the customer to carry. Reads only. 报价"""
