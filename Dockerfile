# One image for every service: the sites, the worker and the command line (docker-compose.yml says which runs where).
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production CRM_DATA_DIR=/data HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/views ./views
COPY --from=build /app/public ./public
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/src/i18n ./src/i18n
# A volume mounted here takes this owner at its first use.
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
EXPOSE 3000 3001
CMD ["node", "--enable-source-maps", "dist/server.js"]
