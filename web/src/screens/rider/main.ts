import 'vant/lib/index.css'
import en from '@/i18n/en/rider'
import zh from '@/i18n/zh/rider'
import { openScreen } from '../open'
import RiderApp from './RiderApp.vue'

openScreen({ name: 'rider', base: '/rider/', app: RiderApp, words: [zh, en], routes: [{ path: '/:rest(.*)*', component: { render: () => null } }] })
