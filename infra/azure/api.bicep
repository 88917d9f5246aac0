// The HTTP API and the page.

param name string
param location string

@description('What main.bicep tells the API and the worker alike')
param shared object

param corsOrigins string
param rateLimit string
param searchNeedsKey bool
param takesWebhooks bool
param allowTestWebhook bool
param queryLog bool
param minReplicas int
param maxReplicas int
param concurrentRequests int
param signInClientId string

var port = 8000
var inS3 = !empty(shared.imageBucket)
var signsIn = !empty(signInClientId)

// Which secrets of the vault the app gets. The names are those in the vault, too.
var always = [
  'qdrant-api-key'
  'admin-keys'
]
var ofPhotos = inS3 ? [
  'aws-access-key-id'
  'aws-secret-access-key'
] : [
  'event-keys'
]
var ofSearch = searchNeedsKey ? ['search-keys'] : []
var ofWebhooks = takesWebhooks ? ['webhook-secrets'] : []
var ofSignIn = signsIn ? ['sign-in-secret'] : []

var settings = [
  {
    name: 'QDRANT_URL'
    value: shared.qdrantUrl
  }
  {
    name: 'QDRANT_API_KEY'
    secretRef: 'qdrant-api-key'
  }
  {
    name: 'COLLECTION'
    value: shared.collection
  }
  {
    name: 'ADMIN_KEYS'
    secretRef: 'admin-keys'
  }
  {
    name: 'CORS_ORIGINS'
    value: corsOrigins
  }
  {
    name: 'RATE_LIMIT'
    value: rateLimit
  }
  {
    name: 'ALLOW_TEST_WEBHOOK'
    value: allowTestWebhook ? 'true' : 'false'
  }
  {
    name: 'STALE_TTL'
    value: '86400'
  }
  {
    name: 'TRUSTED_PROXIES' // the ingress
    value: '1'
  }
  {
    name: 'QUERY_LOG'
    value: queryLog ? 'true' : 'false'
  }
  {
    name: 'LOG_LEVEL'
    value: shared.logLevel
  }
]
var searchSettings = searchNeedsKey ? [
  {
    name: 'SEARCH_KEYS'
    secretRef: 'search-keys'
  }
] : []
var webhookSettings = takesWebhooks ? [
  {
    name: 'WEBHOOK_SECRETS'
    secretRef: 'webhook-secrets'
  }
] : []
var photoSettings = inS3 ? [
  {
    name: 'IMAGE_BUCKET'
    value: shared.imageBucket
  }
  {
    name: 'AWS_REGION'
    value: shared.awsRegion
  }
  {
    name: 'AWS_ACCESS_KEY_ID'
    secretRef: 'aws-access-key-id'
  }
  {
    name: 'AWS_SECRET_ACCESS_KEY'
    secretRef: 'aws-secret-access-key'
  }
] : [
  {
    name: 'IMAGE_CONTAINER'
    value: shared.imageContainer
  }
  {
    name: 'AZURE_CLIENT_ID' // which of its identities asks for photos
    value: shared.clientId
  }
  {
    name: 'EVENT_KEYS'
    secretRef: 'event-keys'
  }
]

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${shared.pull}': {}
      '${shared.identity}': {}
    }
  }
  properties: {
    environmentId: shared.environment
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 10
      identitySettings: [
        {
          identity: shared.pull
          lifecycle: 'None' // it pulls the image, and what runs in it can't ask for it
        }
        {
          identity: shared.identity
          lifecycle: 'Main'
        }
      ]
      registries: [
        {
          server: shared.registry
          identity: shared.pull
        }
      ]
      secrets: [for secret in concat(always, ofPhotos, ofSearch, ofWebhooks, ofSignIn): {
        name: secret
        keyVaultUrl: '${shared.vaultUri}secrets/${secret}'
        identity: shared.identity
      }]
      ingress: {
        external: true
        targetPort: port
        transport: 'http'
        allowInsecure: false
      }
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'api'
          image: shared.image
          args: [
            'server'
          ]
          env: concat(settings, photoSettings, searchSettings, webhookSettings)
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: [
            // Nobody listens before the model is loaded.
            {
              type: 'Startup'
              httpGet: {
                path: '/api/v1/health/live'
                port: port
              }
              periodSeconds: 2
              timeoutSeconds: 2
              failureThreshold: 10
            }
            // A revision that can't reach Qdrant gets no requests. One that could goes on for a while
            // without it, with answers that are out of date.
            {
              type: 'Readiness'
              httpGet: {
                path: '/api/v1/health'
                port: port
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 10
            }
            // Starting anew would bring no Qdrant back, so this doesn't ask for it.
            {
              type: 'Liveness'
              httpGet: {
                path: '/api/v1/health/live'
                port: port
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 3
            }
          ]
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        rules: [
          {
            name: 'requests'
            http: {
              metadata: {
                concurrentRequests: string(concurrentRequests)
              }
            }
          }
        ]
      }
    }
  }
}

module signIn 'signin.bicep' = if (signsIn) {
  name: 'sign-in'
  params: {
    app: app.name
    clientId: signInClientId
  }
}
