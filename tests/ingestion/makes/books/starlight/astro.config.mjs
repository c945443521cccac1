import starlight from '@astrojs/starlight';
import { defineConfig, passthroughImageService } from 'astro/config';

export default defineConfig({
  image: { service: passthroughImageService() },
  integrations: [
    starlight({
      title: 'Valves and Seats',
      pagefind: false,
      sidebar: [
        { label: 'Start', link: '/' },
        { label: 'Guides', items: ['guides/seats', { slug: 'guides/stems', label: 'Stems' }] },
        { label: 'Reference', items: [{ autogenerate: { directory: 'reference' } }] },
      ],
    }),
  ],
});
