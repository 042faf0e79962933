export default {
  app: { customer: 'o2o home', clerk: 'Store desk', rider: 'Rider', dispatcher: 'Dispatch desk', hq: 'Head office' },
  do: {
    ok: 'OK', cancel: 'Cancel', close: 'Close', back: 'Back', retry: 'Try again', save: 'Save', undo: 'Undo', search: 'Search', sign_in: 'Sign in', sign_out: 'Sign out',
    more: 'More', all: 'All', confirm: 'Confirm', refresh: 'Refresh', clear: 'Clear', choose: 'Choose', add: 'Add', remove: 'Remove', next: 'Next', finish: 'Finish', copy: 'Copy',
  },
  sign_in: {
    title: 'Welcome', username: 'Account', password: 'Password', demo: 'Demo accounts', demo_hint: 'One tap signs you in', phone: 'Mobile number', code: 'Code', send_code: 'Get code', resend: 'Again in {n} s', demo_code: 'Demo code {code}',
    staff: 'Staff sign-in',
  },
  trouble: {
    title: 'Payment troubles', none: 'No payment troubles', tries: '{n} try | {n} tries', next: 'again {at}', until: 'until {at}', history: 'What happened ({n})', retry: 'Try now', ask: 'Ask customer to pay', why: 'Why (needed)',
    kind: { capture: 'not captured', void: 'not let go', refund: 'not refunded', unpaid: 'not paid' }, state: { retrying: 'trying again', open: 'needs somebody', asked: 'customer asked', closed: 'settled' },
    end: { capture: 'Write off', unpaid: 'Write off', void: 'Hold has lapsed', refund: 'Paid back otherwise' },
    act: { failed: 'did not work', not_paid: 'not paid in time', retried: 'tried by hand', asked: 'customer asked', done: 'done', paid_cash: 'paid in cash', given_back: 'goods came back, nothing owed', written_off: 'written off', lapsed: 'hold has lapsed', given_otherwise: 'paid back otherwise' },
    actor: { system: 'the house', hq: 'head office', dispatcher: 'dispatcher', clerk: 'clerk' }, reason: { payments_declined: 'the provider says no', payments_no_answer: 'the provider does not answer', payments_not_paid_in_time: 'nobody paid in time' },
  },
  look: { light: 'Light', dark: 'Dark', auto: 'System', language: 'Language', theme: 'Look' },
  state: { offline: 'No network; everything is kept and sent when it is back', waiting: '{n} to send', stopped: '{n} did not get through', reconnecting: 'Reconnecting…', empty: 'Nothing here yet', loading: 'Loading…' },
  unit: { piece: 'pc', kg: 'kg', each: '/pc', per_kg: '/kg', min: 'min' },
  map: { me: 'My place', locate: 'Locate me', attribution: '© OpenStreetMap contributors', store: 'Store', rider: 'Rider' },
  order_state: {
    placed: 'To pay', paid: 'Preparing', picking: 'Picking', packed: 'Packed', delivering: 'On the way', delivered: 'Delivered', completed: 'Completed', expired: 'Expired', cancelled: 'Cancelled', unfillable: 'Cannot be filled', collected: 'Collected', returned: 'Returned',
  },
  delivery_state: {
    waiting: 'Waiting for a rider', unassigned: 'Waiting for a rider', offered: 'Offered', assigned: 'Rider assigned', accepted: 'Rider accepted', picked_up: 'On the way', arrived: 'Arrived', delivered: 'Delivered', failed: 'Failed', returning: 'Going back', returned: 'Returned', cancelled: 'Cancelled', courier: 'With a courier',
  },
  rider_state: { off_shift: 'Off shift', offline: 'Offline', available: 'Free', online: 'Online', on_trip: 'On a trip', returning: 'Returning', break: 'Break', free: 'Free', busy: 'On a trip', offered: 'Offered', silent: 'Silent' },
  task_state: { queued: 'To pick', assigned: 'Assigned', started: 'Picking', in_progress: 'Picking', picking: 'Picking', picked: 'Picked', finished: 'Done', done: 'Done', staged: 'Staged', rejected: 'Rejected', cancelled: 'Cancelled', awaiting_customer: 'Customer to confirm' },
  switch: {
    calm: 'Taking orders', off: 'Switched off by head office', rush: 'Rush mode', close: 'Close now', open: 'Open again', end_rush: 'End rush', closed: 'Closed in an emergency', closed_until: 'Closed until {at}', rush_until: 'Rush: promises +{extra}, until {at}',
    longer: 'Longer by', lasts: 'For', why: 'Because', until_told: 'until opened', effect_rush: 'At once: every order from now on is promised {extra} minutes more; orders already placed keep their promise', effect_close: 'At once: no new orders, and customers are not offered this store; orders it has go on', confirm_rush: 'Start rush mode', confirm_close: 'Close the store now',
    reason: { power: 'power cut', equipment: 'equipment', staff: 'too few staff', weather: 'weather', police: 'street closed', other: 'other' },
  },
  why: {
    store: 'Why this store', attempt: 'try {n}', decided: 'decided {at}', rules: 'rules version {n}', house: "the house's own rules", reproduced: 'comes out the same again', second: 'choice number {n}: better ones were gone by then', unreadable: 'This record is of a form that is no longer read', runner_up: 'Better than {name} by {amount}', refused: '{n} stores were out', none: 'Nothing is kept of this choice', pickup: 'The customer chose where to collect', and: ', ', and_more: '{names} and {n} more', short: '{name} ({left} left of {wanted})',
    term: { promise: 'Waiting', ride: 'Ride', fee: 'Fee', distance: 'Distance', backlog: 'Queue', riders: 'Few riders', stock: 'Last pieces', split: 'Split', expiry: 'Near expiry' },
    verdict: { not_chosen: 'not the store the customer chose', rejected_before: 'has just declined this order', excluded: 'has just declined this order', outside_area: 'does not deliver there', excluded_zone: 'in an excluded area', ring_hours: 'does not deliver there at this hour', too_far: 'too far', detour_too_long: 'too long a detour', emergency_closed: 'closed in an emergency', closed: 'closed', not_sold_here: 'does not sell it', no_stock: 'not enough stock', below_minimum: 'below the minimum basket', too_heavy: 'too heavy', capacity_full: 'picking is full', no_riders: 'no riders', closes_before_ready: 'closes before it is ready', too_slow: 'slower than the ring promises', too_late: 'too late', ruled_out: 'kept out by a rule' },
    told: { outside_area: 'does not deliver there ({distance})', too_far: 'too far ({distance}, at most {most})', detour_too_long: 'too long a detour ({ride} by road, {distance} straight)', emergency_closed: 'closed in an emergency until {opens}', closed: 'closed until {opens}', not_sold_here: 'does not sell {goods}', no_stock: 'not enough: {goods}', below_minimum: '{missing} below the minimum basket', too_heavy: 'too heavy ({weight})', capacity_full: 'picking is full until {until}', closes_before_ready: 'closes at {closes}, too soon', too_slow: 'cannot keep {speed}', too_late: 'not before {by}', ruled_out: 'kept out by a rule: {name}' },
  },
  shelf: {
    pile: { on_hand: 'On hand', reserved: 'Reserved', safety: 'Safety', damaged: 'Damaged', quality_control: 'To inspect', in_transit: 'On its way', app: 'Sellable', kept_back: 'Not in the app' },
    channel: { app: 'App', till: 'Till' }, sells: { app: 'The app may sell', till: 'The till may sell' },
    why: 'How this number came about', missing: '{n} fewer than there should be; a difference is open', promised: 'Orders that hold some', promised_none: 'No order holds any', until: 'held until {at}', paid: 'paid', coming: 'Coming', coming_none: 'Nothing is on its way', lots: 'Lots', lots_text: 'first to expire goes first', first: 'goes first', blocked: 'set apart', no_day: 'no date', moves: 'Moves: {pile}', moves_none: 'No moves yet', told_late: 'told at {at}', safety_text: 'Pieces kept on the shelf that the app does not promise; head office sets them by channel rules',
    step: { on_hand: 'On hand', reserved: 'Reserved', damaged: 'Damaged', quality_control: 'To inspect', expired_holds: 'Holds run out', safety: 'Safety', limited_offer: 'Limited offer', not_offered: 'Not sold in the app', below_threshold: 'Below the channel threshold', short: 'More promised than is there', never_below_zero: 'Never below zero' },
    kind: { receipt_undone: 'receipt taken back', write_off_undone: 'write-off taken back', receipt: 'Received', sale: 'Till sale', pick: 'Picked', count: 'Counted', write_off: 'Written off', return: 'Returned', transfer_in: 'Transfer in', transfer_back: 'Transfer back', transfer_out: 'Transfer out', rejection: 'Short pick', set_apart: 'Set apart or back', expired: 'Lot past its day', opening: 'Opening' },
    note: { NOT_IN_STOCK: 'not on the shelf', MISMATCH: 'count is off', DAMAGE: 'damaged', weekly: 'weekly', expired: 'expired', spoiled: 'spoiled', broken: 'broken', damaged: 'damaged', stolen: 'stolen', sampled: 'sampled', donated: 'donated', lost: 'lost', other: 'other', discrepancy: 'a difference', rejection: 'short pick', clerk: 'asked by a clerk', hq: 'asked by head office' },
  },
  return_state: { requested: 'to decide', approved: 'agreed', received: 'in, to be inspected', refunded: 'paid back', rejected: 'declined', cancelled: 'withdrawn' },
  supply_gap: { less: '{n} short', extra: '{n} over', bad: '{n} damaged', no: '{n} sent back' },
  supply_reason: { short: 'sent too few', over: 'sent too many', broken: 'broken', spoiled: 'spoiled', near_date: 'too near its day', wrong: 'wrong goods', missing: 'lost on the way', other: 'other' },
  return_reason: { damaged: 'Damaged', wrong: 'Wrong goods', missing: 'Missing', quality: 'Poor quality', unwanted: 'Not wanted', broken: 'Broken' },
  stop_kind: { pickup: 'Pick up', dropoff: 'Drop off', return: 'Return' },
}
