"""Where goods come from: suppliers, other stores, and what to order of what will be wanted. 补货"""
