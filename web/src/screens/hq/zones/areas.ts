/** Areas: sets of stores that are planned together, and share exclusions. */
import { useQuery } from '@tanstack/vue-query'
import { api, got } from '@/api/client'

export function useAreas() {
  return useQuery({ queryKey: ['areas'], queryFn: () => got(api.GET('/api/areas')), staleTime: 600_000 })
}
