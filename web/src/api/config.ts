/** What this installation is: its map, its city, and in a demo the accounts to try. */
import { useQuery } from '@tanstack/vue-query'
import { api, got } from './client'

export function useConfig() {
  const { data: config, error } = useQuery({ queryKey: ['config'], queryFn: () => got(api.GET('/api/config')), staleTime: 300_000 })
  return { config, error }
}
