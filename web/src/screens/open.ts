/** How every screen starts: session, words, look, queries, router. */
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp, type Component } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { asProblem } from '@/api/problem'
import { openSession } from '@/api/session'
import { addWords, i18n, locale, setLocale } from '@/i18n'
import { registerOffline } from '@/offline/register'
import { apply } from '@/parts/look'
import '@/theme.css'

interface Screen {
  name: string
  base: string
  app: Component
  routes: RouteRecordRaw[]
  words?: [zh: object, en: object]
}

export function openScreen({ name, base, app, routes, words }: Screen) {
  if (words) addWords(...words)
  setLocale(locale())
  apply()
  openSession(name)
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        networkMode: 'always',
        retry: (times, error) => asProblem(error).retryable && times < 3,
        refetchOnReconnect: true,
      },
      mutations: { networkMode: 'always' },
    },
  })
  const router = createRouter({ history: createWebHistory(base), routes, scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 } })
  const vue = createApp(app).use(createPinia()).use(i18n).use(router).use(VueQueryPlugin, { queryClient: queries })
  registerOffline()
  vue.mount('#app')
  return { vue, queries, router }
}
