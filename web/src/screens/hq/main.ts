import 'element-plus/dist/index.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import en from '@/i18n/en/hq'
import zh from '@/i18n/zh/hq'
import { openScreen } from '../open'
import HqApp from './HqApp.vue'
import OverviewPage from './OverviewPage.vue'
import './hq.css'

openScreen({
  name: 'hq',
  base: '/hq/',
  app: HqApp,
  words: [zh, en],
  routes: [
    { path: '/', name: 'overview', component: OverviewPage },
    { path: '/orders/:id?', name: 'orders', component: () => import('./orders/OrdersPage.vue') },
    { path: '/stores', name: 'stores', component: () => import('./stores/StoresPage.vue') },
    { path: '/stores/:id', name: 'zones', component: () => import('./zones/ZonesPage.vue') },
    { path: '/areas/:id', name: 'exclusions', component: () => import('./zones/ZonesPage.vue') },
    { path: '/zones/transfer', name: 'transfer', component: () => import('./zones/TransferPage.vue') },
    { path: '/coverage', name: 'coverage', component: () => import('./coverage/CoveragePage.vue') },
    { path: '/stock/:tab?', name: 'stock', component: () => import('./stock/StockPage.vue') },
    { path: '/sourcing', name: 'sourcing', component: () => import('./sourcing/SourcingPage.vue') },
    { path: '/lost', name: 'lost', component: () => import('./lost/LostPage.vue') },
    { path: '/promises', name: 'promises', component: () => import('./promises/PromisesPage.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
