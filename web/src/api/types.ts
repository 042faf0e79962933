/** Names for what paths answer, taken from the generated schema: `Got<'/api/config'>`. */
import type { paths } from './schema'

type Verb = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never
type Good<R> = R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : R extends { 202: infer A } ? Json<A> : never

export type Got<P extends keyof paths, V extends Verb = 'get'> = paths[P][V] extends { responses: infer R } ? Good<R> : never
export type Sent<P extends keyof paths, V extends Verb = 'post'> = paths[P][V] extends {
  requestBody: { content: { 'application/json': infer Body } }
}
  ? Body
  : never
