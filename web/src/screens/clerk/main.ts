import 'vant/lib/index.css'
import en from '@/i18n/en/clerk'
import zh from '@/i18n/zh/clerk'
import { openScreen } from '../open'
import ClerkApp from './ClerkApp.vue'
import QueuePage from './QueuePage.vue'
import StockPage from './StockPage.vue'
import TaskPage from './TaskPage.vue'
import TillPage from './TillPage.vue'
import WorkPage from './WorkPage.vue'

openScreen({
  name: 'clerk',
  base: '/clerk/',
  app: ClerkApp,
  words: [zh, en],
  routes: [
    { path: '/', name: 'queue', component: QueuePage },
    { path: '/tasks/:id', name: 'task', component: TaskPage },
    { path: '/till', name: 'till', component: TillPage },
    { path: '/stock', name: 'stock', component: StockPage },
    { path: '/work', name: 'work', component: WorkPage },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
