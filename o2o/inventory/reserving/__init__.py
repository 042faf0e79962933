"""What may be sold of a shelf and to whom it is promised: what is available, by which rules of the channel, held by whom. 可售与预占"""
