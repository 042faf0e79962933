/** Proof beside the code: a photo made small on the phone, a signature as strokes. Named and sent here, before the hand-over. */
import { newId } from '@/kit/ids'
import type { Write } from '@/offline/outbox'
import type { Stop } from './ride'

const LONGEST_PX = 1280
/** No phone's camera makes a larger file; making it smaller would take the phone's memory. */
const LARGEST_BYTES = 30 * 1024 * 1024
const QUALITY = 0.78
/** Signatures lie on a square of so many units. */
export const SIDE = 1000
const POINTS_MOST = 4000
export type Stroke = [number, number][]

/** Why a file is no proof; the words are the page's. */
export class BadPicture extends Error {
  constructor(readonly why: 'photo_bad' | 'photo_large') {
    super(why)
  }
}

/** The picture as a small JPEG. */
export async function shrink(file: Blob): Promise<Uint8Array> {
  if (file.size > LARGEST_BYTES) throw new BadPicture('photo_large')
  try {
    return await smaller(file)
  } catch (error) {
    // What cannot be read as a picture is none; anything else is a fault.
    if (error instanceof DOMException || error instanceof TypeError) throw new BadPicture('photo_bad')
    throw error
  }
}

async function smaller(file: Blob): Promise<Uint8Array> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const blob = await new Promise<Blob | null>((told) => canvas.toBlob(told, 'image/jpeg', QUALITY))
  if (!blob) throw new TypeError('no picture')
  return new Uint8Array(await blob.arrayBuffer())
}

/** A proof to be written before the hand-over that names it; in a lane of its own, for a slow picture never holds up the ride. */
export type Proof = Write & { id: string }

export function photoOf(stop: Stop, bytes: Uint8Array): Proof {
  const id = newId()
  return { id, lane: 'proofs', method: 'PUT', path: `/api/stops/${stop.id}/photos/${id}`, body: bytes, apart: true }
}

export function signatureOf(stop: Stop, strokes: Stroke[]): Proof {
  const id = newId()
  return { id, lane: 'proofs', method: 'PUT', path: `/api/stops/${stop.id}/signatures/${id}`, body: { strokes: thinned(strokes) }, apart: true }
}

/** Whole units, few enough, and no stroke of one point. */
function thinned(strokes: Stroke[]): Stroke[] {
  const many = strokes.reduce((sum, stroke) => sum + stroke.length, 0)
  const every = Math.max(1, Math.ceil(many / POINTS_MOST))
  const whole = (value: number) => Math.max(0, Math.min(SIDE, Math.round(value)))
  return strokes.slice(0, 60).flatMap((stroke) => {
    const kept = stroke.filter((_, k) => k % every === 0 || k === stroke.length - 1).map(([x, y]): [number, number] => [whole(x), whole(y)])
    return kept.length > 1 ? [kept] : []
  })
}
