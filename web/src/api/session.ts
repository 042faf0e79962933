/** Who is signed in at this screen. Tokens rotate: only one tab at a time may refresh, the others take what it got. */
import { computed, ref } from 'vue'
import { Problem, asProblem, problemOf } from './problem'

export type Role = 'customer' | 'clerk' | 'rider' | 'dispatcher' | 'hq'
export interface Account {
  id: string
  role: Role
  name: string
  store_id?: string | null
  area_ids?: string[]
}
export interface SignedIn {
  access_token: string
  refresh_token: string
  expires_in_s: number
  account: Account
}
interface Kept {
  access: string
  refresh: string
  until: number
  account: Account
}

const EARLY_MS = 20_000
const PATIENCE_MS = 15_000
let place = 'o2o.session'
const kept = ref<Kept | null>(null)

export const account = computed(() => kept.value?.account ?? null)
export const signedIn = computed(() => kept.value !== null)

/** Each screen has its own session, so one person can try all four in one browser. */
export function openSession(screen: string): void {
  place = `o2o.session.${screen}`
  kept.value = load()
  window.addEventListener('storage', (event) => {
    if (event.key === place) kept.value = load()
  })
}

function load(): Kept | null {
  const text = localStorage.getItem(place)
  return text ? (JSON.parse(text) as Kept) : null
}

function store(next: Kept | null): void {
  kept.value = next
  if (next) localStorage.setItem(place, JSON.stringify(next))
  else localStorage.removeItem(place)
}

export function begin(answer: SignedIn): void {
  store({
    access: answer.access_token,
    refresh: answer.refresh_token,
    until: Date.now() + answer.expires_in_s * 1000,
    account: answer.account,
  })
}

/** Leaves this device at once, and tells the server when it can be reached. */
export async function leave(): Promise<void> {
  const last = kept.value
  store(null)
  if (!last) return
  await fetch('/api/auth/sign-out', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${last.access}` },
    body: JSON.stringify({ refresh_token: last.refresh }),
  }).catch(() => undefined)
}

/** A token good for a while yet, or null when nobody is signed in. */
export async function token(): Promise<string | null> {
  if (!kept.value) return null
  if (kept.value.until - EARLY_MS > Date.now()) return kept.value.access
  return renew(kept.value.access)
}

/** A new token in place of `spent`. Raises a Problem when the network is away; signs out when the family is revoked. */
export async function renew(spent: string): Promise<string | null> {
  return alone(async () => {
    const now = load()
    if (!now) return null
    if (now.access !== spent && now.until - EARLY_MS > Date.now()) {
      kept.value = now
      return now.access
    }
    const answer = await fetch('/api/auth/refresh', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refresh_token: now.refresh }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: unknown) => {
      throw asProblem(error)
    })
    if (answer.ok) {
      begin((await answer.json()) as SignedIn)
      return kept.value!.access
    }
    const refused = problemOf(answer.status, await answer.json().catch(() => null))
    if (refused.retryable || answer.status >= 500) throw refused
    store(null)
    throw new Problem('identity.signed_out', 401, refused.detail)
  })
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request(`${place}.renew`, work) : work()
}
