export default {
  customer: {
    tab: { shop: 'Shop', orders: 'Orders', me: 'Me' },
    fee: 'Delivery', free: 'free', min_basket: 'min {amount}', opens: 'Opens {at}', open: 'Open', sold_out: 'Sold out', few_left: 'Few left', by_weight: 'About {weight} each, paid by weight', about_weight: 'about {weight}',
    sign_in: { title: 'Sign in to o2o', text: 'Fresh and good, at your door in half an hour' },
    shop: { where: 'Choose an address', search: 'Search goods', choose_first: 'First tell us where to', choose_why: 'Each address is served by its own stores, stock and times', nothing: 'Nothing found', nothing_text: 'Try another word or another aisle', categories: 'Aisles', collect_only: 'Collect at a store nearby' },
    address: { title: 'Deliver here', hint: 'Move the map and put the pin on your door', serves: 'We deliver', outside: 'Outside our area', nearest: 'Nearest store: {name} ({distance})', note: 'Building, flat, note', use: 'Deliver here', pin: 'Place on the map', no_position: 'Your position is not available' },
    basket: { title: 'Basket', checkout: 'Check out', missing: '{amount} to the minimum', empty: 'The basket is empty', empty_text: 'Pick something you like' },
    checkout: {
      title: 'Check out', delivery: 'Delivery', pickup: 'Collect', to: 'To', from: 'From {name}', arrive: 'Arrives {range}', collect: 'Ready {range}', why: 'Why this store?', goods: 'Goods', fee: 'Delivery', coupon: 'Coupon', points: 'Points', total: 'Total', hold: 'Includes {amount} held for weighing; what is not needed comes back',
      place: 'Place order', choose_coupon: 'Choose a coupon', no_coupon: 'No coupon', coupons_n: '{n} available', use_points: 'Use {points} points for {amount}', points_none: 'No points to use', changed: 'Price or time has changed. Please look again', out: 'Only {left} left', trim: 'Take {left}', remove: 'Remove', below: '{amount} more to the minimum', note: 'Note for the store',
      terms: { distance: 'Distance', time: 'Time', backlog: 'Busy store', last: 'Low stock', fee: 'Delivery fee', cost: 'Cost' }, refused: 'Other stores', substitute: 'If sold out', substitute_yes: 'Take something similar', substitute_no: 'No substitutes, refund me',
    },
    pay: { title: 'Cashier', amount: 'To pay', left: 'Please pay within {time}', now: 'Pay now', decline: 'Let it fail (demo)', waiting: 'Waiting for the bank…', done: 'Paid', late: 'Too late to pay', sandbox: 'This is a demo cashier; no real money moves', later: 'Pay later', failed: 'The payment did not go through. Try again' },
    order: {
      title: 'Order', stage: { placed: 'Placed', paid: 'Paid', picking: 'Being picked', packed: 'Packed', picked_up: 'Rider has it', delivering: 'On the way', delivered: 'Delivered', completed: 'Completed', assigned: 'Rider assigned', cancelled: 'Cancelled', expired: 'Not paid in time', unfillable: 'Out of stock', collected: 'Collected', returned: 'Returned', refunded: 'Refunded' },
      eta: 'Arrives {range}', arriving: 'Your rider is on the way', code: 'Hand-over code', code_text: 'Tell it to the rider', rider: 'Rider {name}', from: '{name}', lines: 'Goods', again: 'Order again', cancel: 'Cancel order', cancel_sure: 'Cancel this order?', cancel_text: 'Your money, coupon and points all come back', cancelled: 'Cancelled', pay: 'Pay', refund: '{amount} refunded', short: '{n} short, refunded', picked_weight: 'Weighed {weight}', delivered_at: 'Delivered {at}', points: '+{n} points', stops_before: '{n} stops before you', put_in: 'Put into the basket', lines_n: '{n} pieces',
    },
    orders: { title: 'My orders', empty: 'No orders yet', empty_text: 'Have a look around; half an hour to your door', go: 'To the shop' },
    me: { code: 'Member code', code_text: 'Show it at the till', points: 'Points', points_text: '{points} points are worth {amount}', coupons: 'Coupons', ledger: 'Points ledger', no_coupons: 'No coupons now', no_ledger: 'No points yet', until: 'until {at}', pending: 'pending', over: 'from {amount}', settings: 'Language and look' },
    tier: { basic: 'Member', bronze: 'Bronze', silver: 'Silver', gold: 'Gold', platinum: 'Platinum', plain: 'Member', member: 'Member', diamond: 'Diamond' },
    points_kind: { accrue: 'From shopping', earn: 'From shopping', redeem: 'Spent', hold: 'Held', release: 'Given back', reverse: 'Taken back on refund', expire: 'Expired', adjust: 'Adjusted', activate: 'Now usable', give_back: 'Given back' },
  },
}
