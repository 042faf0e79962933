export default {
  clerk: {
    no_camera: 'The camera cannot be opened; use the scanner or tap',
    rail: { queue: 'Pick', till: 'Till', stock: 'Stock' },
    queue: { title: 'To pick', open: '{n} to pick', late: '{n} late', empty: 'No orders just now', empty_text: 'A sound will tell you when one comes', size: '{lines} lines, {pieces} pcs', due: 'by {at}', mine: 'Mine', colleague: 'Colleague', done: 'Done', none_done: 'Nothing done yet today', short: 'Short', counter: 'At the counter', ask_code: 'Ask for the 4-digit code', give: 'Hand over' },
    task: { camera: 'Camera', hint: 'Scan, tap a card or weigh; works without network too', finish: 'Finish', short: 'Short', short_n: '{n} short', weigh: 'Weigh', each: 'about {weight} each', enough: 'Enough of {name}', not_here: '{name} is not in this order', too_late: 'Already sent, cannot be undone', cancelled: 'The customer cancelled; please put the goods back' },
    prefer: { ask: 'Ask the customer about substitutes', substitute: 'Similar goods are welcome', refund: 'No substitutes, refund' },
    reason: { NOT_IN_STOCK: 'Not on shelf', DAMAGE: 'Damaged', MISMATCH: 'Count is off' },
    consent: { waiting: 'asking', approved: 'agreed', rejected: 'declined' },
    short: { title: 'Short pick', count: 'How many are missing?', instead: 'Instead?', found: 'Found after all', with: 'Short, with substitute', without: 'Report short' },
    weigh: { about: 'about {weight}', pieces: '{n} pcs', heavy: 'Heavier than ordered; the rest is not charged' },
    reject: { title: 'Reject order', sure: 'Reject the whole order?', text: 'It goes to another store', NOT_IN_STOCK: 'Too much missing', DAMAGE: 'Goods damaged', TOO_BUSY: 'Too busy', STORE_CLOSED: 'Closing', OTHER: 'Another reason' },
    step: { on_hand: 'On hand', reserved: 'Reserved', damaged: 'Damaged', quality_control: 'To inspect', expired_holds: 'Holds run out', safety: 'Safety', limited_offer: 'Limited offer', not_offered: 'Not sold online', below_threshold: 'Below the channel threshold', never_below_zero: 'Never below zero' },
    off: { expired: 'Expired', spoiled: 'Spoiled', broken: 'Broken', lost: 'Lost', other: 'Other' },
    entry: { receipt: 'Received', receive: 'Received', sale: 'Till sale', sell: 'Till sale', hold: 'Held', commit: 'Committed', release: 'Released', expire: 'Hold ran out', consume: 'Picked', pick: 'Picked', count: 'Counted', write_off: 'Written off', return: 'Returned', take_back: 'Returned', transfer_in: 'Transfer in', transfer_out: 'Transfer out', opening: 'Opening', rejection: 'Short pick' },
    till: { use_points: 'Use points', earned: '+{n} points', scan: 'Scan goods or a member code, or type', search: 'Find goods by name', empty: 'Start scanning', empty_text: 'Goods, scale labels or a member code', member_hint: 'Scan a member code for points and coupons', points: '{n} points (worth {amount})', pieces: '{n} pieces', cash: 'Cash', code: 'Pay by code', kept: 'Kept here, sent when the network is back', told: 'Booked', print: 'Print', next: 'Next' },
    stock: { choose: 'Choose something', choose_text: 'Scan or tap to see how its number comes about', off: 'Write off', lots: 'Lots', search: 'Name or barcode', on_hand: 'On hand', reserved: 'Reserved', sellable: 'Sellable', receive: 'Receive', count: 'Count', damaged: 'Damaged', why: 'Ledger', receive_title: 'Receive goods', count_title: 'Count', how_many: 'Quantity', counted: 'Counted', lot: 'Lot (optional)', expires: 'Expires', saved: 'Saved', why_title: 'How this number came about', empty: 'Nothing found', low: 'Low', safety: 'Safety' },
  },
}
